using System.Text.RegularExpressions;
using ProtoAgent.Agent.Context;
using ProtoAgent.Agent.Network;
using ProtoAgent.Agent.Skills;
using ProtoAgent.Agent.Subagents;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Mcp;
using ProtoAgent.Agent.Turns;

namespace ProtoAgent.Configuration;

/// <summary>The agent's part of the settings.</summary>
internal sealed partial class AgentSettingsBuilder(Layers layers)
{
    private const string Subagents = "subagents";
    private const string McpServers = "mcp.servers";
    private const int LongestServerName = 32;

    /// <summary>What single values can't show: groups that lack a part.</summary>
    public void Refuse()
    {
        foreach (var name in layers.Names(McpServers))
        {
            var key = $"{McpServers}.{name}";
            if (layers[$"{key}.command"] is { IsNull: false } == layers[$"{key}.url"] is { IsNull: false })
            {
                layers.Problems.Add($"{key} needs either a command (a program to start) or a url (streamable HTTP), and not both.");
            }

            if (name.Contains("__", StringComparison.Ordinal) || name.Length > LongestServerName)
            {
                layers.Problems.Add($"{key}: the name of an MCP server has at most {LongestServerName} characters and no '__'; its tools are called <server>__<tool>.");
            }
        }

        foreach (var name in layers.Names(Subagents))
        {
            foreach (var part in (string[])["description", "prompt", "tools"])
            {
                if (layers[$"{Subagents}.{name}.{part}"] is not { IsNull: false })
                {
                    layers.Problems.Add($"{Subagents}.{name} lacks '{part}'. A subagent has a description, a prompt and the list of its tools.");
                }
            }
        }

        foreach (var entry in layers.List("network.allow_hosts"))
        {
            if (NetworkFence.Problem(entry) is { } problem)
            {
                layers.Problems.Add($"{layers["network.allow_hosts"]!.Origin}: {problem}");
            }
        }

        foreach (var key in layers.Keys.Where(k => k.AnyFile))
        {
            foreach (var name in Reference().Matches(layers.Text(key.Name) ?? "").Select(m => m.Groups["name"].Value).Where(n => layers.Variable(n) is null))
            {
                layers.Problems.Add($"{layers[key.Name]!.Origin}: '{key.Name}' refers to the environment variable {name}, which is not set.");
            }
        }
    }

    public AgentSettings Build() => new(
        new TurnOptions
        {
            MaxRounds = (int)layers.Number("turns.max_rounds"),
            MaxTokens = layers.Number("turns.max_tokens"),
            Timeout = TimeSpan.FromSeconds(layers.Number("turns.timeout_seconds")),
            MaxAttachmentBytes = layers.Number("turns.max_attachment_bytes"),
            Resume = Enum.Parse<ResumePolicy>(layers.Text("turns.resume")!, ignoreCase: true),
        },
        new ContextOptions { BudgetTokens = (int)layers.Number("context.budget_tokens") },
        new ToolOptions
        {
            Enable = layers.List("tools.enable"),
            Disable = layers.List("tools.disable"),
            RequireApproval = layers.List("tools.require_approval"),
            WaiveApproval = layers.List("tools.waive_approval"),
            LongestResult = (int)layers.Number("tools.longest_result"),
        },
        new NetworkOptions { AllowHosts = layers.List("network.allow_hosts") },
        Url("web_search.url"),
        (int)layers.Number("subagents.concurrency"),
        [.. layers.Names(Subagents).Select(Subagent)],
        [.. layers.Names(McpServers).Select(McpServer)],
        layers.Number("threads.retention_days") is > 0 and var days ? TimeSpan.FromDays(days) : null)
    {
        Skills = new SkillOptions
        {
            Scope = Enum.Parse<SkillScope>(layers.Text("skills.scope")!, ignoreCase: true), ContextCharacters = (int)layers.Number("skills.context_characters"),
        },
    };

    private SubagentOptions Subagent(string name)
    {
        var key = $"{Subagents}.{name}";
        var options = new SubagentOptions(name, layers.Text($"{key}.description")!)
        {
            Prompt = layers.Text($"{key}.prompt")!,
            Tools = layers.List($"{key}.tools"),
            Model = layers.Text($"{key}.model"),
        };
        return layers.Text($"{key}.max_rounds") is null ? options : options with { MaxRounds = (int)layers.Number($"{key}.max_rounds") };
    }

    private McpServerOptions McpServer(string name)
    {
        var key = $"{McpServers}.{name}";
        var options = new McpServerOptions(name)
        {
            Command = layers.Text($"{key}.command"),
            Args = layers.List($"{key}.args"),
            Environment = Map($"{key}.env."),
            Url = Url($"{key}.url"),
            Headers = Map($"{key}.headers."),
            Enabled = layers.Text($"{key}.enabled") is not { } enabled || ConfigValues.Boolean(enabled) == true,
        };
        return layers.Text($"{key}.timeout_seconds") is null ? options : options with { Timeout = TimeSpan.FromSeconds(layers.Number($"{key}.timeout_seconds")) };
    }

    private Dictionary<string, string> Map(string prefix) =>
        layers.Keys.Where(k => k.Name.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(k => k.Name[prefix.Length..], k => Reference().Replace(layers.Text(k.Name) ?? "", m => layers.Variable(m.Groups["name"].Value) ?? ""), StringComparer.Ordinal);

    private Uri? Url(string key) => layers.Text(key) is { } text ? ConfigValues.Url(text) : null;

    [GeneratedRegex(@"\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\}", RegexOptions.ExplicitCapture)]
    private static partial Regex Reference();
}
