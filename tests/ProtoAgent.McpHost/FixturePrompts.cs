using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace ProtoAgent.McpHost;

/// <summary>The conformance suite's prompts.</summary>
internal static class FixturePrompts
{
    public static List<McpServerPrompt> All { get; } =
    [
        Of("test_simple_prompt", () => "This is a simple prompt for testing."),
        Of("test_prompt_with_arguments", (string arg1, string arg2) => $"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"),
        Of("test_prompt_with_embedded_resource", (string resourceUri) => new[]
        {
            Says(new EmbeddedResourceBlock { Resource = new TextResourceContents { Uri = resourceUri, MimeType = "text/plain", Text = "Embedded resource content for testing." } }),
            Says(new TextContentBlock { Text = "Please process the embedded resource above." }),
        }),
        Of("test_prompt_with_image", () => new[]
        {
            Says(ImageContentBlock.FromBytes(Media.Png, "image/png")), Says(new TextContentBlock { Text = "Please analyze the image above." }),
        }),
    ];

    private static McpServerPrompt Of(string name, Delegate does) => McpServerPrompt.Create(does, new McpServerPromptCreateOptions { Name = name, Description = "Of the conformance suite." });

    private static PromptMessage Says(ContentBlock content) => new() { Role = Role.User, Content = content };
}
