using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Models;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Models;

public sealed class ThinkTagTests
{
    public static TheoryData<string, string, string> Answers => new()
    {
        { "<think>let me see</think>\n\nyes", "let me see", "yes" },
        { "\n <think>\nhm\n</think>yes", "\nhm\n", "yes" },
        { "<think></think>yes", "", "yes" },
        { "<think>a < b </thin> c</think>yes", "a < b </thin> c", "yes" },
        { "yes <think>no</think>", "", "yes <think>no</think>" },
        { "<thinking about it", "", "<thinking about it" },
        { "<thi", "", "<thi" },
        { "  ", "", "  " },
        { "plain", "", "plain" },
        { "<think>never closed </thi", "never closed </thi", "" },
        { "<think>one</think>two <think>three</think>", "one", "two <think>three</think>" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Split_AtEveryPlace_TheSame(string answer, string thought, string said)
    {
        for (var at = 0; at <= answer.Length; at++)
        {
            (await SplitAsync(answer[..at], answer[at..])).ShouldBe((thought, said), $"broken at {at}");
        }

        (await SplitAsync([.. answer.Select(c => c.ToString())])).ShouldBe((thought, said), "letter by letter");
    }

    [Fact]
    public async Task Split_HeldBackAtTheEnd_BeforeTheFinishReason()
    {
        var updates = await UpdatesAsync(c =>
        {
            c.Say("<thi");
            c.End(ChatFinishReason.Stop);
        });
        updates[^1].FinishReason.ShouldBe(ChatFinishReason.Stop);
        string.Concat(updates.Select(u => u.Text)).ShouldBe("<thi");
    }

    [Fact]
    public async Task Split_ReasoningToldApartAlready_TextLeftAlone()
    {
        var updates = await UpdatesAsync(c =>
        {
            c.Say(new TextReasoningContent("hm"));
            c.Say("<think>is what I say");
            c.End(ChatFinishReason.Stop);
        });
        string.Concat(updates.Select(u => u.Text)).ShouldBe("<think>is what I say");
    }

    private static async Task<(string Thought, string Said)> SplitAsync(params string[] pieces)
    {
        var contents = (await UpdatesAsync(c =>
        {
            foreach (var piece in pieces)
            {
                c.Say(piece);
            }

            c.End(null);
        })).SelectMany(u => u.Contents).ToList();
        return (string.Concat(contents.OfType<TextReasoningContent>().Select(t => t.Text)), string.Concat(contents.OfType<TextContent>().Select(t => t.Text)));
    }

    private static async Task<List<ChatResponseUpdate>> UpdatesAsync(Action<ScriptedClient.Call> script)
    {
        using var model = new ScriptedClient();
        using var splitter = new ThinkTagSplitter(model);
        var asking = splitter.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "hi")]).ToListAsync();
        script(await model.NextAsync());
        return await asking;
    }
}
