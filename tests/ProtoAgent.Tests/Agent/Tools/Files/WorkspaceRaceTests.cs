using System.Text;
using CsCheck;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Files;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools.Files;

/// <summary>Somebody else changes the workspace while we work in it; and paths nobody thought of.</summary>
public sealed class WorkspaceRaceTests
{
    private const int Rounds = 3_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Everything_AFolderSwappedForALinkOutside_StaysInside(bool walk)
    {
        using var fixture = new WorkspaceFixture(walk);
        fixture.Put("real/secret.txt", "inside");
        fixture.Link("trap", "../outside");
        var outside = fixture.OutsideNow();
        var reached = 0;
        await WhileAsync(() => fixture.Exchange("real", "trap"), () =>
        {
            // "real" is by turns a folder of ours and a link out of the workspace.
            Encoding.UTF8.GetString(fixture.Workspace.Read("real/secret.txt")).ShouldBe("inside");
            fixture.Workspace.Write("real/written.txt", "x"u8.ToArray());
            fixture.Workspace.Delete("real/written.txt", recursive: true);
            reached++;
        }, () => reached > 0);
        fixture.OutsideNow().ShouldBe(outside);
        reached.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_AFileSwappedForALinkOutside_NeverItsContent(bool walk)
    {
        using var fixture = new WorkspaceFixture(walk);
        fixture.Put("file", "inside");
        fixture.Link("relative", "../outside/secret.txt");
        fixture.Link("absolute", Path.Combine(fixture.Outside, "secret.txt"));
        var swaps = 0;
        await WhileAsync(
            () => fixture.Exchange("file", ++swaps % 4 < 2 ? "relative" : "absolute"),
            () => Encoding.UTF8.GetString(fixture.Workspace.Read("file")).ShouldBe("inside"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Everything_AnyPath_StaysInside(bool walk)
    {
        using var fixture = new WorkspaceFixture(walk);
        var outside = fixture.OutsideNow();
        var part = Gen.OneOf("..", ".", "", "a", "b", "up", "out", "abs", "secret.txt", "outside", "inside", "\0", "é", "~", "%2e%2e", "..\\", new string('x', 300));
        var path = Gen.Select(Gen.OneOf("", "/", fixture.Root + "/", fixture.Outside + "/"), part.Array[1, 6], (start, parts) => start + string.Join('/', parts));
        var steps = Gen.Select(path, Gen.Int[0, 4]).Array[1, 8];
        steps.Sample(
            todo =>
            {
                Seed(fixture);
                foreach (var (given, what) in todo)
                {
                    try
                    {
                        Do(fixture.Workspace, fixture.Workspace.Parse(given), what);
                    }
                    catch (ToolException e)
                    {
                        e.Message.ShouldNotContain(WorkspaceFixture.Secret);
                    }
                }

                return fixture.OutsideNow() == outside;
            },
            iter: 500,
            threads: 1);
    }

    /// <param name="enough">Goes on beyond the rounds until it holds: a busy machine may leave the swapping at the link for all of them.</param>
    private static async Task WhileAsync(Action swap, Action work, Func<bool>? enough = null)
    {
        using var stop = new CancellationTokenSource();
        using var late = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var swapping = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                swap();
            }
        });
        try
        {
            for (var i = 0; i < Rounds || (enough?.Invoke() == false && !late.IsCancellationRequested); i++)
            {
                try
                {
                    work();
                }
                catch (ToolException)
                {
                    // Refused, as it must be while the link is there.
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            await swapping;
        }
    }

    private static void Seed(WorkspaceFixture fixture)
    {
        Directory.Delete(fixture.Root, recursive: true);
        fixture.Put("a/b/secret.txt", "inside");
        fixture.Link("a/up", "..");
        fixture.Link("up", "../outside");
        fixture.Link("a/out", "../../outside/new.txt");
        fixture.Link("abs", fixture.Outside);
    }

    private static void Do(Workspace workspace, string path, int what)
    {
        switch (what)
        {
            case 0:
                Encoding.UTF8.GetString(workspace.Read(path)).ShouldNotBe(WorkspaceFixture.Secret);
                break;
            case 1:
                workspace.Write(path, "written"u8.ToArray());
                break;
            case 2:
                workspace.Delete(path, recursive: true);
                break;
            case 3:
                workspace.Update(path, content => content);
                break;
            default:
                using (var folder = workspace.OpenFolder(path))
                {
                    folder?.Entries().ShouldAllBe(e => e.Name != WorkspaceFixture.OnlyOutside);
                }

                break;
        }
    }
}
