using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Threads;

/// <summary>A step, read.</summary>
internal sealed record ThreadEntry(long Seq, string TurnId, StepKind Kind, StepContent Content, long? Through = null)
{
    /// <summary>What it weighs in a model call; see <see cref="Tokens.Estimate(int)"/>.</summary>
    public int Tokens { get; } = Threads.Tokens.Estimate(
        Content.Text.Length + (Content.Arguments?.Length ?? 0) + (Content.Hint?.Length ?? 0) + (Content.Thoughts?.Sum(t => t.Text.Length + t.Data.Length) ?? 0))
        + (Threads.Tokens.PerAttachment * (Content.Attachments?.Count ?? 0));

    public static ThreadEntry Of(Step step) => new(step.Seq, step.TurnId, step.Kind, StepContent.Parse(step.Content), step.Through);
}

/// <summary>How much text is how many tokens, near enough to keep a bound: no tokenizer is every model's.</summary>
internal static class Tokens
{
    private const int CharactersEach = 4;
    private const int PerMessage = 8;

    /// <summary>What a picture of a usual size costs at the providers that say so.</summary>
    public const int PerAttachment = 1000;

    public static int Estimate(int characters) => (characters / CharactersEach) + PerMessage;

    public static int Characters(int tokens) => tokens * CharactersEach;
}
