using System.Net.Sockets;
using System.Text;
using ProtoAgent.Agent.Tools;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools.Files;

/// <summary>What holds on every kernel: each test with the kernel's own resolution, and with the walk that stands in for it.</summary>
public sealed class WorkspaceFenceTests
{
    [Theory]
    [InlineData("../outside/secret.txt")]
    [InlineData("a/../../outside/secret.txt")]
    [InlineData("..")]
    [InlineData("/etc/passwd")]
    [InlineData("/proc/self/environ")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("a\u0085b")]
    [InlineData("\ud800")]
    public void Parse_APathThatCannotBeInside_Refused(string path)
    {
        using var fixture = new WorkspaceFixture();
        Should.Throw<ToolException>(() => fixture.Workspace.Parse(path)).Message.ShouldNotContain('\n');
    }

    [Fact]
    public void Parse_AbsoluteBesideTheRoot_Refused()
    {
        using var fixture = new WorkspaceFixture();
        Should.Throw<ToolException>(() => fixture.Workspace.Parse(fixture.Root + "2/file")).Message.ShouldContain("outside the workspace");
        Should.Throw<ToolException>(() => fixture.Workspace.Parse(fixture.Root + "/../outside/secret.txt")).Message.ShouldContain("outside the workspace");
    }

    [Fact]
    public void Parse_WhatStaysInside_IsRelative()
    {
        using var fixture = new WorkspaceFixture();
        fixture.Workspace.Parse(null).ShouldBe("");
        fixture.Workspace.Parse(".").ShouldBe("");
        fixture.Workspace.Parse("a//b/../c/.").ShouldBe("a/c");
        fixture.Workspace.Parse("...").ShouldBe("...");
        fixture.Workspace.Parse(fixture.Root).ShouldBe("");
        fixture.Workspace.Parse(fixture.Root + "/ä/b").ShouldBe("ä/b");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_LinksThatLeadOutside_Refused(bool walk)
    {
        using var fixture = new WorkspaceFixture(walk);
        fixture.Put("deep/er/own.txt", "own");
        fixture.Link("file", "../outside/secret.txt");
        fixture.Link("absolute", Path.Combine(fixture.Outside, "secret.txt"));
        fixture.Link("folder", "../outside");
        fixture.Link("deep/er/up", "../../..");
        fixture.Link("one", "two");
        fixture.Link("two", "deep/er/three");
        fixture.Link("deep/er/three", "../../../outside/secret.txt");
        fixture.Link("there-and-back", "../inside/deep/er/own.txt");
        fixture.Link("magic", "/proc/self/root");
        foreach (var path in new[] { "file", "absolute", "folder/secret.txt", "deep/er/up/outside/secret.txt", "one", "there-and-back", "magic/etc/passwd" })
        {
            Should.Throw<ToolException>(() => fixture.Workspace.Read(path), path).Message.ShouldContain("symbolic link");
            Should.Throw<ToolException>(() => fixture.Workspace.Write(path, "x"u8.ToArray()), path).Message.ShouldContain("symbolic link");
        }

        Should.Throw<ToolException>(() => fixture.Workspace.OpenFolder("folder"));
        Should.Throw<ToolException>(() => fixture.Workspace.Delete("folder/secret.txt", recursive: false));
        File.ReadAllText(Path.Combine(fixture.Outside, "secret.txt")).ShouldBe(WorkspaceFixture.Secret);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_LinksThatStayInside_Followed(bool walk)
    {
        using var fixture = new WorkspaceFixture(walk);
        fixture.Put("a/b/file", "content");
        fixture.Link("a/up", "..");
        fixture.Link("here", "a/./b");
        fixture.Link("a/chain", "up/here/file");
        Text(fixture.Workspace.Read("a/chain")).ShouldBe("content");
        Text(fixture.Workspace.Read("a/up/a/up/here/file")).ShouldBe("content");
        using (var folder = fixture.Workspace.OpenFolder("a/up").ShouldNotBeNull())
        {
            folder.Entries().Select(e => e.Name).ShouldBe(["a", "here"]);
        }

        fixture.Workspace.Write("a/chain", "changed"u8.ToArray());
        File.ReadAllText(fixture.Path("a/b/file")).ShouldBe("changed");
        new FileInfo(fixture.Path("a/chain")).LinkTarget.ShouldBe("up/here/file", "a link stays one");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_ACircleOfLinks_Refused(bool walk)
    {
        using var fixture = new WorkspaceFixture(walk);
        fixture.Link("one", "two");
        fixture.Link("two", "one");
        Should.Throw<ToolException>(() => fixture.Workspace.Read("one")).Message.ShouldContain("circle");
        Should.Throw<ToolException>(() => fixture.Workspace.Write("one", default)).Message.ShouldContain("circle");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_NotAPlainFile_RefusedAndNeverWaitedFor(bool walk)
    {
        using var fixture = new WorkspaceFixture(walk);
        fixture.Fifo("fifo");
        fixture.HardLink("hard", Path.Combine(fixture.Outside, "secret.txt"));
        fixture.Link("null", "/dev/null");
        Directory.CreateDirectory(fixture.Path("folder"));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(fixture.Path("socket")));
        Read("fifo").ShouldContain("fifo");
        Read("hard").ShouldContain("hard link");
        Read("null").ShouldContain("symbolic link");
        Read("folder").ShouldContain("folder");
        Read("socket").ShouldContain("socket");
        Read("none").ShouldContain("no 'none'");
        Read("folder/none/file").ShouldContain("no 'folder/none/file'");
        Write("fifo").ShouldContain("fifo");
        Write("folder").ShouldContain("folder");

        if (fixture.TryDevice("device"))
        {
            Read("device").ShouldContain("device");
            Write("device").ShouldContain("device");
        }

        string Read(string path) => Should.Throw<ToolException>(() => fixture.Workspace.Read(path)).Message;
        string Write(string path) => Should.Throw<ToolException>(() => fixture.Workspace.Write(path, default)).Message;
    }

    [Fact]
    public void Write_OverAHardLink_LeavesTheOtherNameAlone()
    {
        using var fixture = new WorkspaceFixture();
        fixture.HardLink("hard", Path.Combine(fixture.Outside, "secret.txt"));
        fixture.Workspace.Write("hard", "mine"u8.ToArray());
        File.ReadAllText(fixture.Path("hard")).ShouldBe("mine");
        File.ReadAllText(Path.Combine(fixture.Outside, "secret.txt")).ShouldBe(WorkspaceFixture.Secret);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Delete_Links_NeverWhatTheyLeadTo(bool walk)
    {
        using var fixture = new WorkspaceFixture(walk);
        fixture.Put("tree/a/b", "x");
        fixture.Put("kept/file", "x");
        fixture.Link("tree/out", "../../outside");
        fixture.Link("tree/a/in", "../../kept");
        fixture.Workspace.Delete("tree", recursive: true).ShouldBe(5);
        Directory.Exists(fixture.Path("tree")).ShouldBeFalse();
        File.Exists(fixture.Path("kept/file")).ShouldBeTrue();
        File.ReadAllText(Path.Combine(fixture.Outside, "secret.txt")).ShouldBe(WorkspaceFixture.Secret);
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
