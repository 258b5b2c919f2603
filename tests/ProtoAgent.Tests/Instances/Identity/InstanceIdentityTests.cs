using ProtoAgent.Instances;
using ProtoAgent.Instances.Identity;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Instances.Identity;

public sealed class InstanceIdentityTests
{
    [Theory]
    [InlineData(" alice ", "bob", true, "alice", InstanceIdSource.Environment)]
    [InlineData("", " bob ", true, "bob", InstanceIdSource.Configuration)]
    [InlineData("   ", null, false, null, InstanceIdSource.None)]
    [InlineData(null, null, false, null, InstanceIdSource.None)]
    public void Resolve_FirstHitWins(string? environment, string? configured, bool auto, string? id, InstanceIdSource source)
    {
        var identity = InstanceIdentity.Resolve(environment, configured, "file, line 1", auto, "/");
        identity.Id?.Value.ShouldBe(id);
        identity.Source.ShouldBe(source);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void Resolve_BlankInTheFile_Refused(string configured) =>
        Should.Throw<InstanceRefusedException>(() => InstanceIdentity.Resolve(null, configured, "f.yaml, line 3", false, "/")).Message.ShouldContain("f.yaml, line 3");

    [Theory]
    [InlineData("my proj", "^my_proj-[0-9a-f]{10}$")]
    [InlineData("con.x", "^con_x-[0-9a-f]{10}$")]
    [InlineData("..weird", "^weird-[0-9a-f]{10}$")]
    [InlineData("日本", "^dir-[0-9a-f]{10}$")]
    [InlineData("memory", "^memory-[0-9a-f]{10}$")]
    public void AutoScope_AnyDirectoryName_AnAcceptedIdNearIt(string name, string pattern)
    {
        using var temp = new TempFolder();
        var directory = Directory.CreateDirectory(Path.Combine(temp.Path, name)).FullName;
        var identity = InstanceIdentity.Resolve(null, null, null, true, directory);
        identity.Id!.Value.ShouldMatch(pattern);
        identity.AutoScopeDirectory.ShouldBe(directory);
    }

    [Fact]
    public void AutoScope_ALongNameAndTheRoot_StillIds()
    {
        using var temp = new TempFolder();
        var directory = Directory.CreateDirectory(Path.Combine(temp.Path, new string('x', 200))).FullName;
        InstanceIdentity.Resolve(null, null, null, true, directory).Id!.Value.Length.ShouldBe(64);
        InstanceIdentity.Resolve(null, null, null, true, "/").Id!.Value.ShouldStartWith("dir-");
    }

    [Fact]
    public void AutoScope_ThroughALink_TheSameIdAndAnotherDirectoryAnother()
    {
        using var temp = new TempFolder();
        var real = Directory.CreateDirectory(Path.Combine(temp.Path, "a/project")).FullName;
        var other = Directory.CreateDirectory(Path.Combine(temp.Path, "b/project")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(temp.Path, "link"), Path.Combine(temp.Path, "a"));
        var id = Of(real);
        Of(Path.Combine(temp.Path, "link/project")).ShouldBe(id);
        Of(other).ShouldNotBe(id);

        static string Of(string directory) => InstanceIdentity.Resolve(null, null, null, true, directory).Id!.Value;
    }
}
