using ProtoAgent.Agent.Memory;
using ProtoAgent.Configuration;
using ProtoAgent.Stores.Knowledge;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Configuration;

public sealed class MemorySettingsTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Load_Nothing_IsWhatTheOptionsSay()
    {
        var memory = Load().Settings.Memory;
        memory.Options.ShouldBe(new MemoryOptions() with { InjectNamespaces = memory.Options.InjectNamespaces });
        memory.Options.InjectNamespaces.ShouldBeEmpty();
        (memory.SessionRetention, memory.InjectionRetention).ShouldBe((null, TimeSpan.FromDays(30)));
    }

    [Fact]
    public void Load_Values_Taken()
    {
        var memory = Load(
            ("PROTOAGENT_MEMORY__INJECT_NAMESPACES", "-, work"), ("PROTOAGENT_MEMORY__INJECT_MIN_TRUST", "agent"), ("PROTOAGENT_MEMORY__HOT_CONFIRM", "true"),
            ("PROTOAGENT_MEMORY__SESSION_IDLE_MINUTES", "1"), ("PROTOAGENT_MEMORY__INCOGNITO_MINUTES", "0"), ("PROTOAGENT_MEMORY__SESSION_RETENTION_DAYS", "7"));
        memory.Settings.Memory.Options.InjectNamespaces.ShouldBe(["-", "work"]);
        (memory.Settings.Memory.Options.InjectFloor, memory.Settings.Memory.Options.HotConfirm).ShouldBe((ChunkTrust.Agent, true));
        (memory.Settings.Memory.Options.SessionIdle, memory.Settings.Memory.Options.IncognitoIdle, memory.Settings.Memory.SessionRetention).ShouldBe((TimeSpan.FromMinutes(1), TimeSpan.Zero, TimeSpan.FromDays(7)));
    }

    [Fact]
    public void Load_AModelThatIsNotThere_RefusedByName() =>
        Should.Throw<ConfigurationRefusedException>(() => Load(("PROTOAGENT_MEMORY__MODEL", "tiny"), ("PROTOAGENT_MODEL_BASE_URL", "http://127.0.0.1:9/v1"), ("PROTOAGENT_MODEL", "big")))
            .Message.ShouldContain("'memory.model' names 'tiny'");

    private InstanceConfiguration Load(params (string Name, string Value)[] environment) => InstanceConfiguration.Load(
        new ConfigSources(environment.ToDictionary(e => e.Name, e => e.Value), _temp.Path, Path.Combine(_temp.Path, "home"), null, new Dictionary<string, string>()));
}
