namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>One way to say who one is (specification 4.5.1): exactly one of five.</summary>
internal sealed record SecurityScheme : IChecked
{
    public ApiKeySecurityScheme? ApiKeySecurityScheme { get; init; }

    public HttpAuthSecurityScheme? HttpAuthSecurityScheme { get; init; }

    public Oauth2SecurityScheme? Oauth2SecurityScheme { get; init; }

    public OpenIdConnectSecurityScheme? OpenIdConnectSecurityScheme { get; init; }

    public MutualTlsSecurityScheme? MtlsSecurityScheme { get; init; }

    public void Check(Checks checks, string at)
    {
        checks.ExactlyOne(
            at,
            ("apiKeySecurityScheme", ApiKeySecurityScheme is not null),
            ("httpAuthSecurityScheme", HttpAuthSecurityScheme is not null),
            ("oauth2SecurityScheme", Oauth2SecurityScheme is not null),
            ("openIdConnectSecurityScheme", OpenIdConnectSecurityScheme is not null),
            ("mtlsSecurityScheme", MtlsSecurityScheme is not null));
        Oauth2SecurityScheme?.Check(checks, $"{at}oauth2SecurityScheme.");
    }
}

/// <param name="Location"><c>query</c>, <c>header</c> or <c>cookie</c>.</param>
internal sealed record ApiKeySecurityScheme(string? Description, string? Location, string? Name);

/// <param name="Scheme">Of the <c>Authorization</c> header: <c>Bearer</c>, …</param>
internal sealed record HttpAuthSecurityScheme(string? Description, string? Scheme, string? BearerFormat);

internal sealed record OpenIdConnectSecurityScheme(string? Description, string? OpenIdConnectUrl);

internal sealed record MutualTlsSecurityScheme(string? Description);

/// <param name="Oauth2MetadataUrl">RFC 8414.</param>
internal sealed record Oauth2SecurityScheme(string? Description, OAuthFlows? Flows, string? Oauth2MetadataUrl) : IChecked
{
    public void Check(Checks checks, string at) => checks.Required(at, "flows", Flows);
}
