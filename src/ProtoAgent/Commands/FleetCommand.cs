using System.CommandLine;
using System.Text.Json;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent fleet</c>: the instances the running one supervises.</summary>
internal static class FleetCommand
{
    private const string Path = "/api/fleet";

    public static Command Create()
    {
        var url = InstanceCall.Url();
        var ls = new Command("ls", "List them.");
        ls.SetAction((parsed, cancellation) => InstanceCall.GetAsync(parsed, url, $"{Path}?limit=500", List, cancellation));

        var newName = Name();
        var port = new Option<int?>("--port") { Description = "Its port. [default: a free one of 7871 to 8870, which it keeps]", HelpName = "n" };
        var add = new Command("add", "Make an instance of that id, or take up the one there is, and start it.") { newName, port };
        add.SetAction((parsed, cancellation) => InstanceCall.PostAsync(
            parsed, url, Path, new NewMember(parsed.GetRequiredValue(newName), parsed.GetValue(port)), FleetCommandJson.Default.NewMember, Show, cancellation));

        var removed = Name();
        var purge = new Option<bool>("--purge") { Description = "Delete its data too: conversations, knowledge, memory, jobs." };
        var rm = new Command("rm", "Stop it and take it out. Its data stays unless --purge is given.") { removed, purge };
        rm.SetAction((parsed, cancellation) => InstanceCall.SendAsync(
            parsed, url, HttpMethod.Delete, $"{Path}/{Uri.EscapeDataString(parsed.GetRequiredValue(removed))}?purge={(parsed.GetValue(purge) ? "true" : "false")}", Removed, cancellation));

        return new Command("fleet", $"The instances that the running one supervises: started with it, started again when they crash.\n{InstanceCall.Codes}")
        {
            url, ls, add, Change("start", "Start it."), Change("stop", "Stop it; its process is gone when this returns."), rm,
        };

        Command Change(string verb, string description)
        {
            var name = Name();
            var command = new Command(verb, description) { name };
            command.SetAction((parsed, cancellation) => InstanceCall.SendAsync(
                parsed, url, HttpMethod.Post, $"{Path}/{Uri.EscapeDataString(parsed.GetRequiredValue(name))}/{verb}", Show, cancellation));
            return command;
        }
    }

    private static Argument<string> Name() => new("name") { Description = "Its instance id." };

    private static void List(string body)
    {
        var members = JsonSerializer.Deserialize(body, FleetCommandJson.Default.MemberList)!.Items;
        if (members.Count == 0)
        {
            Console.Error.WriteLine("No members. Add one with: protoagent fleet add <name>");
            return;
        }

        TextTable.Write(
            Console.Out, ["NAME", "STATE", "PORT", "PID", "RESTARTS", "LAST ERROR"],
            members.Select(m => new[] { m.Name, m.State, $"{m.Port}", m.Pid?.ToString() ?? "-", $"{m.Restarts}", m.LastError ?? "-" }));
    }

    private static void Show(string body)
    {
        var member = JsonSerializer.Deserialize(body, FleetCommandJson.Default.Member)!;
        Console.Out.WriteLine(
            $"{member.Name} is {member.State}{(member.Url is { } url ? $" at {url} (pid {member.Pid})" : "")}{(member.State == "failed" ? $": {member.LastError}" : "")}");
    }

    private static void Removed(string body)
    {
        var gone = JsonSerializer.Deserialize(body, FleetCommandJson.Default.Gone)!;
        Console.Out.WriteLine($"{gone.Name} is no member any more. Its data {(gone.DataKept ? "stays" : "is deleted")}:{string.Concat(gone.Data.Select(d => $"\n  {d}"))}");
    }

    internal sealed record NewMember(string Name, int? Port);

    internal sealed record MemberList(IReadOnlyList<Member> Items);

    internal sealed record Member(string Name, string State, int Port, int? Pid, string? Url, int Restarts, string? LastError);

    internal sealed record Gone(string Name, bool DataKept, IReadOnlyList<string> Data);
}
