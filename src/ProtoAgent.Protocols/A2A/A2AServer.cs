using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.A2A.Artifacts;
using ProtoAgent.Protocols.A2A.Bindings;
using ProtoAgent.Protocols.A2A.Cards;
using ProtoAgent.Protocols.A2A.Push;
using ProtoAgent.Protocols.A2A.Tasks;
using ProtoAgent.Protocols.A2A.Types;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.A2A;

/// <summary>The agent to its peers: A2A 1.0 by JSON-RPC and HTTP+JSON, and what speaks 0.3.</summary>
public sealed class A2AServer
{
    public const string Prefix = "/a2a";

    private readonly A2AServices _services;
    private readonly TaskHub _hub;
    private readonly TaskServices _tasks;
    private readonly TaskResults? _results;

    /// <param name="push">Null: there are no push notifications.</param>
    /// <param name="results">Null: there are no results beside the answer.</param>
    public A2AServer(A2AServices services, PushNotifications? push = null, TaskResults? results = null)
        : this(services, push?.Configs)
    {
        push?.Ask(FindAsync);
        results?.PutOn(_hub);
        _results = results;
    }

    internal A2AServer(A2AServices services, IPushConfigs? push)
    {
        _services = services;
        _tasks = new TaskServices(services.Store, services.Turns, services.Checkpoints, services.Options, services.Time, services.Logger) { Push = push };
        _hub = new TaskHub(_tasks);
    }

    /// <summary>Told of every event of every turn; see <see cref="TurnServices.Happened"/>.</summary>
    public void Happened(NewTurn turn, TurnEvent happened) => _hub.Happened(turn, happened);

    /// <summary>Told of each turn's end; see <see cref="TurnServices.Ended"/>.</summary>
    public void Ended(TurnEnded turn) => _hub.Ended(turn);

    /// <summary>Goes on with tasks that were left, once the doors are open.</summary>
    public Task GoOnAsync() => _hub.GoOnAsync();

    /// <summary>The instance stops: whoever reads along is let go.</summary>
    public void Close() => _hub.Close();

    public void Map(IEndpointRouteBuilder routes)
    {
        var desk = new TaskDesk(_tasks, _hub, new TaskIntake(_tasks, _hub, new Intake(_services.Files)));
        var cards = new CardMaker(_services, pushes: _tasks.Push is not null);
        var operations = new Operations(desk, cards, _tasks);
        CardEndpoints.Map(routes, cards);
        JsonRpcEndpoint.Map(routes, operations, _services);
        HttpJsonEndpoints.Map(routes, operations, _services);
        _results?.Map(routes);
    }

    /// <summary>Errors from in front of the routes, as the binding that was asked tells them.</summary>
    public static Task WriteErrorAsync(HttpContext context, ApiException error) => ErrorAnswers.WriteAsync(context, error);

    private async Task<A2ATask?> FindAsync(string id) =>
        _services.Store.IsThere && await (await _services.Store.GetAsync()).GetAsync(id, history: 0) is { } stored ? TaskFormat.Of(stored) : null;
}
