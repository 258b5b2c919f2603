namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>How a token is had (specification 4.5.7): exactly one of five.</summary>
internal sealed record OAuthFlows : IChecked
{
    public AuthorizationCodeOAuthFlow? AuthorizationCode { get; init; }

    public ClientCredentialsOAuthFlow? ClientCredentials { get; init; }

    /// <summary>Deprecated by the specification.</summary>
    public ImplicitOAuthFlow? Implicit { get; init; }

    /// <summary>Deprecated by the specification.</summary>
    public PasswordOAuthFlow? Password { get; init; }

    public DeviceCodeOAuthFlow? DeviceCode { get; init; }

    public void Check(Checks checks, string at) => checks.ExactlyOne(
        at,
        ("authorizationCode", AuthorizationCode is not null),
        ("clientCredentials", ClientCredentials is not null),
        ("implicit", Implicit is not null),
        ("password", Password is not null),
        ("deviceCode", DeviceCode is not null));
}

internal sealed record AuthorizationCodeOAuthFlow(
    string? AuthorizationUrl, string? TokenUrl, string? RefreshUrl, IReadOnlyDictionary<string, string>? Scopes, bool? PkceRequired);

internal sealed record ClientCredentialsOAuthFlow(string? TokenUrl, string? RefreshUrl, IReadOnlyDictionary<string, string>? Scopes);

internal sealed record ImplicitOAuthFlow(string? AuthorizationUrl, string? RefreshUrl, IReadOnlyDictionary<string, string>? Scopes);

internal sealed record PasswordOAuthFlow(string? TokenUrl, string? RefreshUrl, IReadOnlyDictionary<string, string>? Scopes);

internal sealed record DeviceCodeOAuthFlow(string? DeviceAuthorizationUrl, string? TokenUrl, string? RefreshUrl, IReadOnlyDictionary<string, string>? Scopes);
