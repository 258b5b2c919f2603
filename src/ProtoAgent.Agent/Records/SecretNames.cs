namespace ProtoAgent.Agent.Records;

/// <summary>Names that say that what they name is a secret.</summary>
internal static class SecretNames
{
    /// <summary>As a name may end, without <c>_</c> and <c>-</c>: <c>access_token</c>, <c>X-Api-Key</c>, <c>clientSecret</c>.</summary>
    private static readonly string[] s_endings =
    [
        "password", "passwd", "passphrase", "secret", "token", "apikey", "accesskey", "secretkey", "privatekey", "signingkey", "encryptionkey", "authorization", "credential", "credentials", "pwd",
    ];

    /// <summary>The same as they stand in text, where a separator may follow; each form begins a search.</summary>
    public static readonly string[] InText =
    [
        "password", "passwd", "passphrase", "secret", "token", "apikey", "api_key", "api-key", "accesskey", "access_key", "access-key", "secretkey", "secret_key", "secret-key",
        "privatekey", "private_key", "private-key", "signingkey", "signing_key", "encryptionkey", "encryption_key", "authorization", "credential", "credentials", "pwd",
    ];

    public static bool Calls(string name)
    {
        var plain = name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        return Array.Exists(s_endings, e => plain.EndsWith(e, StringComparison.OrdinalIgnoreCase));
    }
}
