using System.Diagnostics;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>A writable <c>/sandbox</c> is the data home and there is nothing to set: shown in a mount namespace of its own.</summary>
public sealed class ContainerTests
{
    [Fact]
    public async Task DataHome_WritableSandbox_IsTakenWithNothingSet()
    {
        await using var box = new Sandbox();
        (await PathsInNamespaceAsync(box, "mount --bind $VOLUME $SANDBOX")).ShouldContain("data home  /sandbox  (/sandbox is a writable directory)");
    }

    [Fact]
    public async Task DataHome_ReadOnlySandbox_AllStoresFallBackTogether()
    {
        await using var box = new Sandbox();
        var shown = await PathsInNamespaceAsync(box, "mount --bind $VOLUME $SANDBOX && mount -o remount,bind,ro $SANDBOX");
        shown.ShouldContain($"data home  {box.DataHome}");
        shown.ShouldNotContain(" /sandbox/");
    }

    /// <summary>A root of its own, made of the machine's by bind mounts, so that /sandbox never exists outside of it.</summary>
    private static async Task<string> PathsInNamespaceAsync(Sandbox box, string mount)
    {
        var (root, volume) = (box.Folder("root"), box.Folder("volume"));
        var script = $"""
            set -e
            PATH="$PATH:/usr/sbin:/sbin" # chroot lies where only root looks by itself.
            mount -t tmpfs none "{root}"
            for d in $(ls -A /); do
              case $d in proc|sys|dev|sandbox) ;; *)
                if [ -L /$d ]; then cp -P /$d "{root}/$d"; elif [ -d /$d ]; then mkdir "{root}/$d"; mount --rbind /$d "{root}/$d"; fi ;;
              esac
            done
            for d in proc sys dev; do mkdir "{root}/$d"; mount --rbind /$d "{root}/$d"; done
            mkdir "{root}/sandbox"
            VOLUME="{volume}" SANDBOX="{root}/sandbox"
            {mount}
            exec chroot "{root}" env -i HOME="{box.Home}" PATH=/usr/local/bin:/usr/bin:/bin DOTNET_ROOT="$DOTNET_ROOT" "{ProgramUnderTest.Path}" paths
            """;
        var start = new ProcessStartInfo("unshare", ["--mount", "--propagation", "private", "sh", "-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, $"{output}\n{await error}");
        return output;
    }
}
