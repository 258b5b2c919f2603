using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Context;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Context;

public sealed class PersonaTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("persona-").FullName;

    private string Soul => Path.Combine(_folder, "SOUL.md");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task NoFile_AFewWordsWithTheAgentsName() => (await ReadAsync(new Persona(Soul, "ada", NullLogger.Instance))).ShouldStartWith("You are ada,");

    [Fact]
    public async Task File_IsReadAgainWhenItChanges()
    {
        var persona = new Persona(Soul, "ada", NullLogger.Instance);
        File.WriteAllText(Soul, "You are a lighthouse.\n");
        (await ReadAsync(persona)).ShouldBe("You are a lighthouse.");
        File.WriteAllText(Soul, "You are a lighthouse keeper.");
        (await ReadAsync(persona)).ShouldBe("You are a lighthouse keeper.");
        File.Delete(Soul);
        (await ReadAsync(persona)).ShouldStartWith("You are ada,");
    }

    [Fact]
    public async Task File_TooLong_IsCutInTheMiddle()
    {
        File.WriteAllText(Soul, "begin " + new string('x', Persona.Longest) + " end");
        var told = await ReadAsync(new Persona(Soul, "ada", NullLogger.Instance));
        told.Length.ShouldBeLessThan(Persona.Longest + 100);
        (told[..5], told[^3..]).ShouldBe(("begin", "end"));
    }

    private static async Task<string> ReadAsync(Persona persona) => (await persona.ProvideAsync(new ContextRequest("t", "u", "hi", false), CancellationToken.None))!;
}
