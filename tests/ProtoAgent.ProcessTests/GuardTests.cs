using System.Diagnostics;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>
/// <c>protoagent guard</c>, with parents that are killed and children that hide. Whatever is started keeps the pipe that is
/// its standard output: its end of file is the proof that nothing of it lives.
/// </summary>
public sealed class GuardTests
{
    /// <summary>One in the group, one in a session of its own, one a daemon whose parents are gone, one that refuses to end.</summary>
    private const string Family =
        """
        sleep 1000 &
        setsid sleep 1000 &
        (setsid sh -c 'sleep 1000 & exec sleep 1000' &)
        sh -c 'trap "" TERM; setsid sleep 1000; sleep 1000' &
        """;

    [Fact]
    public async Task Guard_ParentKilled_NothingOfTheFamilyIsLeft()
    {
        using var parent = Shell("\"$1\" guard --parent $$ -- sh -c \"$2\" & wait", Family + "echo started; wait");
        (await parent.StandardOutput.ReadLineAsync()).ShouldBe("started");
        parent.Kill();
        (await RestAsync(parent)).ShouldBe("");
    }

    [Fact]
    public async Task Guard_ProgramEnded_WhatItLeftBehindEndsAndItsCodeIsTold()
    {
        using var parent = Shell("\"$1\" guard --parent $$ -- sh -c \"$2\"; echo code $?", Family + "echo started; exit 7");
        (await RestAsync(parent)).ShouldBe("started\ncode 7\n");
    }

    [Fact]
    public async Task Guard_ProgramEndedAndItsChildrenMultiply_EndsThemAll()
    {
        // Each generation starts the next one and ends; it ignores the request to stop, so only killing the group at once is fast enough.
        const string Script =
            """
            trap "" TERM
            next='sh -c "$0" "$0" & exit 0'
            sh -c "$next" "$next" &
            echo started
            exit 7
            """;
        using var parent = Shell("\"$1\" guard --parent $$ -- sh -c \"$2\"; echo code $?", Script);
        (await RestAsync(parent)).ShouldBe("started\ncode 7\n");
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task Guard_Signalled_EndsTheFamily(string signal)
    {
        using var parent = Shell("\"$1\" guard --parent $$ -- sh -c \"$2\" & echo $!; wait $!; echo code $?", Family + "echo started; wait");
        var guard = await parent.StandardOutput.ReadLineAsync();
        (await parent.StandardOutput.ReadLineAsync()).ShouldBe("started");
        using var sent = Process.Start("kill", ["-s", signal, guard!]);
        (await RestAsync(parent)).ShouldBe("code 143\n");
    }

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 255", 255)]
    [InlineData("kill -s KILL $$", 137)]
    [InlineData("kill -s PIPE $$", 141)]
    public async Task Guard_ProgramEnded_ExitsAsAShellWould(string script, int code)
    {
        using var parent = Shell("\"$1\" guard --parent $$ -- sh -c \"$2\"; echo code $?", script);
        (await RestAsync(parent)).ShouldBe($"code {code}\n");
    }

    [Fact]
    public async Task Guard_OrphanEndsWhileTheProgramRuns_LeavesNoZombie()
    {
        const string Script =
            """
            orphan=$( (sh -c 'echo $$' &) )
            while [ -e "/proc/$orphan" ]; do :; done
            echo gone
            """;
        using var parent = Shell("\"$1\" guard --parent $$ -- sh -c \"$2\"", Script);
        (await RestAsync(parent)).ShouldBe("gone\n");
    }

    [Fact]
    public async Task Guard_Program_HasTheStandardStreamsAlone()
    {
        using var parent = Shell("exec 7</dev/null; \"$1\" guard --parent $$ -- sh -c \"$2\"", "ls /proc/$$/fd; true");
        (await RestAsync(parent)).ShouldBe("0\n1\n2\n");
    }

    [Fact]
    public async Task Guard_Program_LeadsAGroupOfItsOwnWithDefaultSignals()
    {
        using var parent = Shell("\"$1\" guard --parent $$ -- sh -c \"$2\"", "read -r stat </proc/$$/stat; set -- ${stat##*) }; [ $3 = $$ ] && echo leads; sed -n s/SigIgn://p /proc/$$/status");
        var said = await RestAsync(parent);
        said.ShouldStartWith("leads\n");

        // Signals 32 and 33 are libc's own.
        (Convert.ToUInt64(said["leads\n".Length..].Trim(), 16) & 0x7fffffff).ShouldBe(0UL);
    }

    [Fact]
    public async Task Guard_ParentIsAnother_StartsNothing()
    {
        using var parent = Shell("\"$1\" guard --parent 1 -- sh -c \"$2\"; echo code $?", "echo started");
        (await RestAsync(parent)).ShouldBe("code 71\n");
    }

    [Theory]
    [InlineData("\"$1\" guard --parent $$ -- no-such-program", 127)]
    [InlineData("\"$1\" guard --parent $$ -- /", 126)]
    [InlineData("\"$1\" guard --parent $$ --", 2)]
    [InlineData("\"$1\" guard", 2)]
    public async Task Guard_NothingToStart_SaysSo(string script, int code)
    {
        using var parent = Shell($"{script} 2>&1; echo code $?", "");
        var said = await RestAsync(parent);
        said.ShouldStartWith("protoagent guard: ");
        said.ShouldEndWith($"code {code}\n");
    }

    private static Process Shell(string script, string inner)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", script, "sh", ProgramUnderTest.Path, inner]) { RedirectStandardOutput = true, UseShellExecute = false };
        return Process.Start(start)!;
    }

    private static Task<string> RestAsync(Process process) => process.StandardOutput.ReadToEndAsync().WaitAsync(Limits.Patience);
}
