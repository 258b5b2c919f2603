namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>What <c>SendMessage</c> answers: exactly one of a task and a message.</summary>
internal sealed record SendMessageResponse : IChecked
{
    public A2ATask? Task { get; init; }

    public Message? Message { get; init; }

    public void Check(Checks checks, string at)
    {
        checks.ExactlyOne(at, ("task", Task is not null), ("message", Message is not null));
        Task?.Check(checks, $"{at}task.");
        Message?.Check(checks, $"{at}message.");
    }
}
