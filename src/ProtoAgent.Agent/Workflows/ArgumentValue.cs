using System.Text.Json.Nodes;

namespace ProtoAgent.Agent.Workflows;

/// <summary>An argument of a tool's call as the recipe writes it: JSON in the form of YAML, with places in its texts.</summary>
internal abstract record ArgumentValue
{
    private ArgumentValue()
    {
    }

    public abstract IEnumerable<RecipeText> Texts { get; }

    /// <param name="text">What stands for a place within a text.</param>
    /// <param name="whole">What stands for a place that is all of a text: a list stays one.</param>
    public abstract JsonNode? Render(Func<Place, string> text, Func<Place, JsonNode?> whole);

    /// <summary>A number, true, false, or nothing.</summary>
    public sealed record Constant(JsonNode? Value) : ArgumentValue
    {
        public override IEnumerable<RecipeText> Texts => [];

        public override JsonNode? Render(Func<Place, string> text, Func<Place, JsonNode?> whole) => Value?.DeepClone();
    }

    public sealed record Text(RecipeText Value) : ArgumentValue
    {
        public override IEnumerable<RecipeText> Texts => [Value];

        public override JsonNode? Render(Func<Place, string> text, Func<Place, JsonNode?> whole) =>
            Value.Only is { } place ? whole(place)?.DeepClone() : JsonValue.Create(Value.Render(text));
    }

    public sealed record List(IReadOnlyList<ArgumentValue> Items) : ArgumentValue
    {
        public override IEnumerable<RecipeText> Texts => Items.SelectMany(i => i.Texts);

        public override JsonNode? Render(Func<Place, string> text, Func<Place, JsonNode?> whole) => new JsonArray([.. Items.Select(i => i.Render(text, whole))]);
    }

    public sealed record Map(IReadOnlyList<KeyValuePair<string, ArgumentValue>> Items) : ArgumentValue
    {
        public override IEnumerable<RecipeText> Texts => Items.SelectMany(i => i.Value.Texts);

        public override JsonNode? Render(Func<Place, string> text, Func<Place, JsonNode?> whole) =>
            new JsonObject([.. Items.Select(i => KeyValuePair.Create(i.Key, i.Value.Render(text, whole)))]);
    }
}
