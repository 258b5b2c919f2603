using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace ProtoAgent.Agent.Tools;

/// <summary>
/// A tool whose arguments are a record: their names, types, defaults and <c>[Description]</c>s are the schema, from the
/// metadata the compiler's JSON generator wrote. Anything else the model sends is refused with the field's name.
/// </summary>
/// <param name="type">From a <c>JsonSerializerContext</c> that names properties in snake_case.</param>
public abstract class TypedTool<TArguments>(string name, string description, JsonTypeInfo<TArguments> type) : Tool
    where TArguments : class
{
    private JsonElement? _schema;

    public sealed override string Name => name;

    public sealed override string Description => description;

    public sealed override JsonElement Schema => _schema ??= AIJsonUtilities.CreateJsonSchema(typeof(TArguments), serializerOptions: type.Options);

    public sealed override async Task<ToolResult> CallAsync(JsonElement arguments, ToolCall call, CancellationToken cancellationToken)
    {
        TArguments? given;
        try
        {
            given = arguments.Deserialize(type);
        }
        catch (JsonException e)
        {
            throw new ToolException($"The arguments of {name} do not fit its schema{(e.Path is { Length: > 2 } path ? $" at '{path[2..]}'" : "")}: {e.Message} Correct them and call it again.", e);
        }

        return await CallAsync(given ?? throw new ToolException($"{name} needs its arguments as an object."), call, cancellationToken);
    }

    protected abstract Task<ToolResult> CallAsync(TArguments arguments, ToolCall call, CancellationToken cancellationToken);
}
