using ProtoAgent.Instances;
using ProtoAgent.Instances.Paths;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Instances.Paths;

public sealed class DataHomeTests
{
    [Fact]
    public void Resolve_BoxRoot_WinsOverAll()
    {
        using var temp = new TempFolder();
        DataHome.Resolve(" /somewhere/else/ ", "/home/u", temp.Path).Path.ShouldBe("/somewhere/else");
    }

    [Fact]
    public void Resolve_WritableContainer_BeforeTheUsersHome()
    {
        using var temp = new TempFolder();
        DataHome.Resolve("  ", "/home/u", temp.Path).Path.ShouldBe(temp.Path);
    }

    [Theory]
    [InlineData("/does/not/exist")]
    [InlineData("/etc/passwd")]
    public void Resolve_ContainerNotAWritableDirectory_TheUsersHome(string container) =>
        DataHome.Resolve(null, "/home/u", container).Path.ShouldBe("/home/u/.protoagent");

    [Fact]
    public void Resolve_NowhereToGo_RefusedWithARemedy() =>
        Should.Throw<InstanceRefusedException>(() => DataHome.Resolve(null, "", "/does/not/exist")).Message.ShouldContain("PROTOAGENT_BOX_ROOT");

    [Fact]
    public void CanBeWritten_OnlyWhereAFolderCanBe()
    {
        using var temp = new TempFolder();
        var file = Path.Combine(temp.Path, "file");
        File.WriteAllText(file, "");
        new DataHome(Path.Combine(file, "below"), "").CanBeWritten().ShouldBeFalse();
        new DataHome(Path.Combine(temp.Path, "a/b/c"), "").CanBeWritten().ShouldBeTrue();
    }
}
