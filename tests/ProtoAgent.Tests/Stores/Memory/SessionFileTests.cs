using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Memory;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Stores.Memory;

public sealed class SessionFileTests : IDisposable
{
    /// <summary>Ids as people, programs and attackers make them.</summary>
    private static readonly Gen<string> s_ids = Gen.OneOf(
        Gen.String[Gen.Char, 1, 40],
        Gen.String[Among("aAbBäÄ%.:/\\~ \u0130ıK\u212A\uD83D\uDE00c3cC4".ToCharArray()), 1, 12],
        Gen.String[Among("aA/é".ToCharArray()), 100, 256],
        Among("..", ".", "con", "NUL", "lpt1.x", "../../etc/passwd", "/", "~", "a%2fb", "a/b", "session", "SESSION", "%41", "A"));

    private readonly TempFolder _folder = new();
    private readonly WatchedTime _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly SessionFiles _files;

    public SessionFileTests() => _files = new SessionFiles(_folder.Paths(), _time, NullLogger<SessionFiles>.Instance);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Name_OfAnyId_IsOneSafeSegment() => s_ids.Sample(
        id =>
        {
            var name = SessionFileName.Of(id);
            name.Length.ShouldBeLessThanOrEqualTo(255 - 40, "AtomicFile puts a name beside it");
            name.ShouldAllBe(c => (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || "%-_.~".Contains(c));
            name[0].ShouldNotBe('.');
            name.ShouldEndWith(".json");
            Path.GetFileName(name).ShouldBe(name);
            new[] { "con", "nul", "aux", "prn", "lpt1", "com1" }.ShouldNotContain(name.Split('.')[0]);
        },
        iter: 20_000);

    [Fact]
    public void Name_OfTwoIds_IsNeverOne_AlsoWhereCaseDoesNotCount() => Gen.Select(s_ids, s_ids).Sample(
        (a, b) =>
        {
            if (a != b)
            {
                string.Equals(SessionFileName.Of(a), SessionFileName.Of(b), StringComparison.OrdinalIgnoreCase).ShouldBeFalse($"{a} | {b}");
            }
        },
        iter: 20_000);

    [Fact]
    public void Write_AnyId_ReadBackAndNothingBesideTheFolder() => s_ids.Sample(
        id =>
        {
            // Half a pair is no id: no thread gets one, and JSON has no way to write it.
            if (!id.EnumerateRunes().Any(r => r == System.Text.Rune.ReplacementChar))
            {
                _files.Write(Summary(id));
                _files.Read(id)!.SessionId.ShouldBe(id);
                Directory.EnumerateFileSystemEntries(_folder.Paths().Root).ShouldBe([_folder.Paths().Memory]);
            }
        },
        iter: 150);

    [Fact]
    public void Read_AFileThatSaysAnothersId_IsNobodys()
    {
        _files.Write(Summary("a"));
        File.Copy(Path.Combine(_folder.Paths().Memory, "a.json"), Path.Combine(_folder.Paths().Memory, "b.json"));
        _files.Read("b").ShouldBeNull();
        File.WriteAllText(Path.Combine(_folder.Paths().Memory, "c.json"), "{ half");
        _files.Read("c").ShouldBeNull();
        _files.List(10).Items.Select(s => s.SessionId).Distinct().ShouldBe(["a"]);
    }

    [Fact]
    public void List_InTheOrderOfTheirTurns_PageByPageWithoutTheForgotten()
    {
        for (var i = 0; i < 25; i++)
        {
            _files.Write(Summary($"s{i}", minutes: i % 5 == 0 ? 100 : i));
        }

        _files.Write(Summary("gone", minutes: 500) with { MessageCount = 0, Messages = [], ForgottenThrough = 2 });
        var all = new List<string>();
        string? cursor = null;
        do
        {
            var page = _files.List(7, cursor);
            all.AddRange(page.Items.Select(s => s.SessionId));
            cursor = page.Next;
        }
        while (cursor is not null);

        all.Count.ShouldBe(25);
        all.ShouldBeUnique();
        all[5..].ShouldBe(Enumerable.Range(0, 25).Reverse().Where(i => i % 5 != 0).Select(i => $"s{i}"));
        Should.Throw<ArgumentException>(() => _files.List(7, "nonsense"));
        _files.OlderThan(_time.GetUtcNow().AddMinutes(24)).Count().ShouldBe(19);
        _files.OlderThan(_time.GetUtcNow().AddMinutes(501)).Count().ShouldBe(26);
    }

    [Fact]
    public void List_WhatADeadProcessLeftBeside_GoesAfterAWhile()
    {
        _files.Write(Summary("a"));
        var (old, fresh) = (Path.Combine(_folder.Paths().Memory, "a.json.1.tmp"), Path.Combine(_folder.Paths().Memory, "a.json.2.tmp"));
        File.WriteAllText(old, "{");
        File.WriteAllText(fresh, "{");
        File.SetLastWriteTimeUtc(old, _time.GetUtcNow().UtcDateTime.AddHours(-2));
        File.SetLastWriteTimeUtc(fresh, _time.GetUtcNow().UtcDateTime);
        _files.List(10).Items.Count.ShouldBe(1);
        (File.Exists(old), File.Exists(fresh)).ShouldBe((false, true));
    }

    [Fact]
    public void Folder_ThatIsAFile_IsAStoreInTrouble()
    {
        Directory.CreateDirectory(_folder.Paths().Root);
        File.WriteAllText(_folder.Paths().Memory, "in the way");
        var error = Should.Throw<StoreException>(() => _files.Write(Summary("a")));
        error.Message.ShouldContain(_folder.Paths().Memory);
        _files.Problem.ShouldBe(error);
        File.Delete(_folder.Paths().Memory);
        _files.Write(Summary("a"));
        _files.Problem.ShouldBeNull();
    }

    private static Gen<T> Among<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private SessionSummary Summary(string id, int minutes = 0) => new(
        id, "operator", "topic", _time.GetUtcNow(), _time.GetUtcNow().AddMinutes(minutes), 2, 1, [new SessionMessage("user", "hello")], [], 0, "");
}
