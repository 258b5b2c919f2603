using System.Globalization;

namespace ProtoAgent.Instances.Ownership;

/// <summary>How much memory another instance's process costs this box.</summary>
public static class ProcessMemory
{
    /// <summary>
    /// Proportional set size in bytes, so that pages shared by many copies are counted once. Null if the pid counts in
    /// another namespace (there it would be somebody else's) or may not be looked at.
    /// </summary>
    public static long? Of(InstanceRecord record)
    {
        if (record.PidNamespace is null || record.PidNamespace != new FileInfo("/proc/self/ns/pid").LinkTarget)
        {
            return null;
        }

        try
        {
            var line = File.ReadLines($"/proc/{record.Pid}/smaps_rollup").FirstOrDefault(l => l.StartsWith("Pss:", StringComparison.Ordinal));
            return line is null ? null : long.Parse(line.AsSpan(4).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) * 1024;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
