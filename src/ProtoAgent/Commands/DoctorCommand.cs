using System.CommandLine;
using System.Text.Json;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent doctor</c>: what would keep this instance from running well, and what to do about it.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command(
            "doctor",
            "Check configuration, data home, file locks, colliding or copied roots, permissions, store versions and the port.\n"
            + "Exit codes: 0 all is well (warnings may be shown), 1 something must be mended.");
        command.SetAction(parsed =>
        {
            var findings = Doctor.Examine(CommandLine.Sources(parsed));
            var answer = new Answer(findings.All(f => f.Status != FindingStatus.Fail), findings);
            if (CommandLine.Json(parsed))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(answer, CommandJson.Default.DoctorAnswer));
            }
            else
            {
                foreach (var finding in findings)
                {
                    Console.Out.WriteLine($"{finding.Status.ToString().ToLowerInvariant(),-4}  {finding.Check,-12} {finding.Message}");
                    if (finding.Remedy is not null)
                    {
                        Console.Out.WriteLine($"{"",-19}{finding.Remedy}");
                    }
                }
            }

            return answer.Ok ? ExitCodes.Ok : ExitCodes.Problems;
        });
        return command;
    }

    internal sealed record Answer(bool Ok, IReadOnlyList<Finding> Findings);
}
