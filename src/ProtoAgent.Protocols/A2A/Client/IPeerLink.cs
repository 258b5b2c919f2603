using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Client;

/// <summary>A peer as one of its interfaces is spoken to.</summary>
internal interface IPeerLink
{
    /// <exception cref="PeerException">It said no, or could not be asked.</exception>
    Task<SendMessageResponse> SendAsync(SendMessageRequest request, CancellationToken cancelled);

    /// <inheritdoc cref="SendAsync"/>
    IAsyncEnumerable<StreamResponse> StreamAsync(SendMessageRequest request, CancellationToken cancelled);

    /// <inheritdoc cref="SendAsync"/>
    Task<A2ATask> GetAsync(string taskId, CancellationToken cancelled);

    /// <inheritdoc cref="SendAsync"/>
    Task<A2ATask> CancelAsync(string taskId, CancellationToken cancelled);
}
