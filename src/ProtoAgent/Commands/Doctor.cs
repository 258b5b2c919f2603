using System.Net.Sockets;
using ProtoAgent.Composition;
using ProtoAgent.Configuration;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Commands;

/// <summary>The checks of <c>doctor</c>, from the configuration inward. Each stands alone: one that fails hides no other.</summary>
internal static class Doctor
{
    public static IReadOnlyList<Finding> Examine(ConfigSources sources)
    {
        var findings = new List<Finding>();
        if (!Configuration(sources, findings, out var configuration))
        {
            return findings;
        }

        var paths = configuration.Paths;
        Identity(configuration, findings);
        if (DataHome(paths.DataHome, findings))
        {
            Locks(paths.DataHome, findings);
        }

        findings.AddRange(DoctorRoots.Examine(paths));
        findings.AddRange(DoctorFiles.Examine(paths));
        findings.AddRange(DoctorSkills.Examine(configuration));
        Port(configuration, findings);
        return findings;
    }

    private static bool Configuration(
        ConfigSources sources, List<Finding> findings, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out InstanceConfiguration? configuration)
    {
        try
        {
            configuration = InstanceConfiguration.Load(sources);
            var read = configuration.Files.Count(f => f.Read);
            findings.Add(Finding.Ok("configuration", $"valid; {read} {(read == 1 ? "file" : "files")} read"));
            findings.AddRange(configuration.Warnings.Select(w => new Finding("configuration", FindingStatus.Warn, w.Message, w.Remedy)));
            return true;
        }
        catch (Exception e) when (e is ConfigurationRefusedException or InstanceRefusedException)
        {
            findings.Add(new Finding("configuration", FindingStatus.Fail, e.Message));
            configuration = null;
            return false;
        }
    }

    private static void Identity(InstanceConfiguration configuration, List<Finding> findings)
    {
        var paths = configuration.Paths;
        if (paths.Identity.IsScoped)
        {
            findings.Add(Finding.Ok("instance", $"{paths.Identity.Display}, from {paths.Identity.Origin}"));
        }
        else if (paths.DataHome.HoldsData())
        {
            var warning = RunningInstance.UnscopedWarning(paths);
            findings.Add(new Finding("instance", FindingStatus.Warn, warning.Message, warning.Remedy));
        }
        else
        {
            findings.Add(Finding.Ok("instance", $"unscoped, over an empty data home ({paths.Identity.Origin})"));
        }

        try
        {
            RunningInstance.Check(paths);
            findings.Add(Finding.Ok("root", paths.Root));
        }
        catch (InstanceRefusedException e)
        {
            findings.Add(new Finding("root", FindingStatus.Fail, e.Message));
        }
    }

    private static bool DataHome(DataHome home, List<Finding> findings)
    {
        if (!Directory.Exists(home.Path))
        {
            findings.Add(Finding.Ok("data home", $"{home.Path} does not exist yet; the first start makes it ({home.Reason})"));
            return false;
        }

        findings.Add(home.CanBeWritten()
            ? Finding.Ok("data home", $"{home.Path} ({home.Reason})")
            : new Finding("data home", FindingStatus.Fail, $"{home.Path} is not writable ({home.Reason})", "Give this user the right to write there, or set PROTOAGENT_BOX_ROOT."));
        return home.CanBeWritten();
    }

    /// <summary>Takes a real lock on a file of its own, with the proof the owner lock asks for.</summary>
    private static void Locks(DataHome home, List<Finding> findings)
    {
        var probe = Path.Combine(home.Path, $".doctor-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(probe);
            using var lease = OwnerLock.TryAcquire(Path.Combine(probe, "probe"), new LockHolder(Environment.ProcessId, null, null, "doctor", Environment.MachineName, TimeProvider.System.GetUtcNow(), Product.Version), out _);
            findings.Add(lease is not null
                ? Finding.Ok("locks", "file locks in the data home hold")
                : new Finding("locks", FindingStatus.Fail, $"a lock nobody else can hold was refused in {home.Path}", "Use a local disk for the data home."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Add(new Finding("locks", FindingStatus.Fail, e.Message));
        }
        finally
        {
            if (Directory.Exists(probe))
            {
                Directory.Delete(probe, recursive: true);
            }
        }
    }

    private static void Port(InstanceConfiguration configuration, List<Finding> findings)
    {
        var (host, port) = (configuration.Settings.Server.Host, configuration.Settings.Server.Port);
        var registry = new InstanceRegistry(configuration.Paths.Registry);
        if (registry.Live().FirstOrDefault(r => r.Port == port && r.Root == configuration.Paths.Root) is { } running)
        {
            findings.Add(Finding.Ok("port", $"{port}: this instance is running there (pid {running.Pid})"));
            return;
        }

        try
        {
            using var socket = Listener.Listen(host, port, registry);
            findings.Add(Finding.Ok("port", $"{port} on {host} is free"));
        }
        catch (InstanceRefusedException e)
        {
            findings.Add(new Finding("port", FindingStatus.Fail, e.Message));
        }
    }
}
