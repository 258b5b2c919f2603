namespace ProtoAgent.Agent.Commands;

/// <summary>Where slash commands come from that may change while the instance runs: workflows, skills.</summary>
public interface ICommandSource
{
    /// <summary>Those it has now. Cheap: asked for each message that begins with a slash.</summary>
    IReadOnlyList<SlashCommand> Commands { get; }

    /// <summary>Ends when <see cref="Commands"/> are those there are by now. Never fails: what can't be read has no commands.</summary>
    Task SettledAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
