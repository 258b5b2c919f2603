using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ProtoAgent.Protocols.Http;

/// <summary>
/// What <c>/openapi/v1.json</c> says of a route, written beside it. Our handlers take the request as it is, so there is no signature a
/// library could read this from; and the types are the source-generated ones that are answered with, so the two can't part.
/// </summary>
internal static class ApiDescription
{
    /// <param name="summary">One line: what it does.</param>
    /// <param name="body">The JSON it takes; null for none, or for what <see cref="Takes{T}"/> says.</param>
    /// <param name="needs">Fields of the body, comma-separated, without which it is refused.</param>
    /// <param name="answer">The JSON it answers with; null for none, or for what <see cref="Answers{T}"/> says.</param>
    /// <param name="status">Of that answer; 204 if there is none.</param>
    /// <param name="notes">What one line can't hold.</param>
    public static T Describe<T>(
        this T route, string summary, JsonTypeInfo? body = null, string? needs = null, JsonTypeInfo? answer = null, int status = StatusCodes.Status200OK, string? notes = null)
        where T : IEndpointConventionBuilder
    {
        route.Add(endpoint => endpoint.Metadata.Add(new ApiDoc(summary, notes)));
        if (body is not null)
        {
            route.Takes("application/json", body, needs);
        }

        return answer is null ? route : route.Answers(status, answer);
    }

    /// <summary>One more form of its body.</summary>
    public static T Takes<T>(this T route, string mediaType, JsonTypeInfo? type = null, string? needs = null)
        where T : IEndpointConventionBuilder
    {
        route.Add(endpoint => endpoint.Metadata.Add(new ApiBody(mediaType, type, needs?.Split(',', StringSplitOptions.TrimEntries) ?? [])));
        return route;
    }

    /// <summary>One more answer that is no error.</summary>
    public static T Answers<T>(this T route, int status, JsonTypeInfo? type = null, string mediaType = "application/json")
        where T : IEndpointConventionBuilder
    {
        route.Add(endpoint => endpoint.Metadata.Add(new ApiAnswer(status, type, mediaType)));
        return route;
    }

    /// <summary>What may stand in its query, or in a header.</summary>
    public static T With<T>(this T route, params ApiParameter[] parameters)
        where T : IEndpointConventionBuilder
    {
        route.Add(endpoint =>
        {
            foreach (var parameter in parameters)
            {
                endpoint.Metadata.Add(parameter);
            }
        });
        return route;
    }

    /// <summary>A page of a list: <c>limit</c> and <c>cursor</c>.</summary>
    public static T Pages<T>(this T route)
        where T : IEndpointConventionBuilder => route.With(ApiParameter.Limit, ApiParameter.Cursor);

    /// <summary>Errors of a shape of their own, for surfaces that follow somebody else's.</summary>
    public static T Fails<T>(this T route, JsonTypeInfo error, string mediaType = "application/json")
        where T : IEndpointConventionBuilder
    {
        route.Add(endpoint => endpoint.Metadata.Add(new ApiError(error, mediaType)));
        return route;
    }
}

/// <summary>What a route does.</summary>
internal sealed record ApiDoc(string Summary, string? Notes);

/// <param name="Type">Null for what is not JSON.</param>
internal sealed record ApiBody(string MediaType, JsonTypeInfo? Type, IReadOnlyList<string> Needs);

/// <param name="Type">Null for what is not JSON, or has no body.</param>
internal sealed record ApiAnswer(int Status, JsonTypeInfo? Type, string MediaType);

internal sealed record ApiError(JsonTypeInfo Type, string MediaType);
