using System.Security.Cryptography;
using System.Text;

namespace ProtoAgent.Instances.Identity;

/// <summary>An id from the working directory: <c>&lt;dirname&gt;-&lt;hash&gt;</c>, stable across restarts.</summary>
internal static class AutoScope
{
    private const int HashDigits = 10;

    public static InstanceIdentity FromDirectory(string workingDirectory)
    {
        var real = RealPath.Of(workingDirectory);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(real)))[..HashDigits];
        const string Origin = "PROTOAGENT_AUTO_SCOPE and the working directory";
        var id = InstanceId.Parse($"{Readable(Path.GetFileName(real))}-{hash}", Origin);
        return new InstanceIdentity(id, InstanceIdSource.AutoScope, Origin, real);
    }

    /// <summary>The directory's name as far as the grammar allows it. The hash, not this, keeps two directories apart.</summary>
    private static string Readable(string name)
    {
        var text = string.Concat(name.EnumerateRunes().Select(r => NameRules.IsAllowed(r) ? r.ToString() : "_")).TrimStart('.', '_', '-');
        text = text[..Math.Min(text.Length, NameRules.MaxLength - HashDigits - 1)];

        // 'con' is fine as 'con-1a2b3c4d5e', but 'con.x' would still be a device: Windows looks before the first dot.
        return text.Length == 0 ? "dir" : NameRules.Violation(text + "-0") is null ? text : text.Replace('.', '_');
    }
}
