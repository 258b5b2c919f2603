using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ProtoAgent.Protocols.A2A.Errors;

namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>Messages of the protocol out of JSON, whole or not at all.</summary>
internal static class A2AReader
{
    /// <exception cref="A2AException">It is not that message: the fields at fault are named.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
        where T : class, IChecked
    {
        try
        {
            return Checked(JsonSerializer.Deserialize(json, type));
        }
        catch (Exception e) when (IsTheirs(e))
        {
            throw Malformed(e);
        }
    }

    /// <inheritdoc cref="Read{T}(ReadOnlySpan{byte}, JsonTypeInfo{T})"/>
    public static T Read<T>(JsonElement json, JsonTypeInfo<T> type)
        where T : class, IChecked
    {
        try
        {
            return Checked(json.Deserialize(type));
        }
        catch (Exception e) when (IsTheirs(e))
        {
            throw Malformed(e);
        }
    }

    /// <exception cref="A2AException">A field that is required is missing, a choice is not one.</exception>
    public static T Checked<T>(T? message)
        where T : class, IChecked
    {
        if (message is null)
        {
            throw A2AException.InvalidParams("The parameters are null and must be an object.");
        }

        var checks = new Checks();
        message.Check(checks, "");
        return checks.Found.Count == 0 ? message : throw Invalid(checks.Found);
    }

    public static A2AException Invalid(IReadOnlyList<Violation> found) =>
        A2AException.InvalidParams($"Invalid parameters: {string.Join(" ", found.Select(v => v.Field.Length > 0 ? $"{v.Field}: {v.Description}" : v.Description))}", found);

    /// <summary>Half a surrogate pair, or a name twice in an object that is kept as it is, are told otherwise than what else is wrong.</summary>
    private static bool IsTheirs(Exception e) => e is JsonException or InvalidOperationException or ArgumentException;

    private static A2AException Malformed(Exception e)
    {
        var field = e is JsonException { Path: { Length: > 2 } path } ? path[2..] : "";
        return Invalid([new Violation(field, "Is of the wrong type, or malformed.")]);
    }
}
