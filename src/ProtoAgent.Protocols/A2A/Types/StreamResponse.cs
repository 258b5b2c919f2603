namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>One piece of a stream, and what a push notification carries (specification 3.2.3, 4.3.3): exactly one of four.</summary>
internal sealed record StreamResponse : IChecked
{
    public A2ATask? Task { get; init; }

    public Message? Message { get; init; }

    public TaskStatusUpdateEvent? StatusUpdate { get; init; }

    public TaskArtifactUpdateEvent? ArtifactUpdate { get; init; }

    public void Check(Checks checks, string at)
    {
        checks.ExactlyOne(at, ("task", Task is not null), ("message", Message is not null), ("statusUpdate", StatusUpdate is not null), ("artifactUpdate", ArtifactUpdate is not null));
        Task?.Check(checks, $"{at}task.");
        Message?.Check(checks, $"{at}message.");
        StatusUpdate?.Check(checks, $"{at}statusUpdate.");
        ArtifactUpdate?.Check(checks, $"{at}artifactUpdate.");
    }
}
