using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace ProtoAgent.McpHost;

/// <summary>The conformance suite's resources.</summary>
internal static class FixtureResources
{
    public static List<McpServerResource> All { get; } =
    [
        Of("test://static-text", "text/plain", () => "This is the content of the static text resource."),
        Of("test://static-binary", "image/png", () => BlobResourceContents.FromBytes(Media.Png, "test://static-binary", "image/png")),
        Of("test://watched-resource", "text/plain", () => "What is watched."),
        Of("test://template/{id}/data", "application/json", (string id) => new TextResourceContents
        {
            Uri = $"test://template/{id}/data", MimeType = "application/json", Text = $$"""{"id":"{{id}}","templateTest":true,"data":"Data for ID: {{id}}"}""",
        }),
    ];

    private static McpServerResource Of(string uri, string type, Delegate read) =>
        McpServerResource.Create(read, new McpServerResourceCreateOptions { UriTemplate = uri, Name = uri, Description = "Of the conformance suite.", MimeType = type });
}
