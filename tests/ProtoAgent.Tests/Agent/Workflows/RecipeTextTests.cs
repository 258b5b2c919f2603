using System.Text.Json.Nodes;
using CsCheck;
using ProtoAgent.Agent.Workflows;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Workflows;

public sealed class RecipeTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a {{inputs.x}} b {{ steps.s.output }}", "a <x> b <s>")]
    [InlineData(@"\{{inputs.x}} and {{inputs.x}}", "{{inputs.x}} and <x>")]
    [InlineData("}} { {x} }", "}} { {x} }")]
    [InlineData("{{inputs.x}}{{inputs.x}}", "<x><x>")]
    public void Render_Places_Replaced(string text, string expected) => new RecipeText(text, 1, isBlock: false).Render(p => $"<{p.Input ?? p.Step}>").ShouldBe(expected);

    /// <summary>Whatever an output looks like, it is put in as it is: nothing said by a model or a page becomes a place.</summary>
    [Fact]
    public void Render_AnyValues_PutInOnceAndAsTheyAre() =>
        Gen.Select(Gen.String, Gen.OneOf("{{inputs.b}}", "{{steps.s.output}}", "{{", "}}", @"\{{"), Gen.String).Sample((a, b, c) =>
        {
            var value = a + b + c;
            new RecipeText("[{{inputs.a}}]", 1, isBlock: false).Render(_ => value).ShouldBe($"[{value}]");
        });

    /// <summary>Text without two braces is never touched.</summary>
    [Fact]
    public void Render_TextWithoutPlaces_Itself() => Gen.String.Where(s => !s.Contains("{{", StringComparison.Ordinal)).Sample(s => new RecipeText(s, 1, isBlock: true).Render(_ => "x") == s);

    [Theory]
    [InlineData(InputType.Number, "\"3\"", "3")]
    [InlineData(InputType.Number, "2.5", "2.5")]
    [InlineData(InputType.Number, "\"NaN\"", null)]
    [InlineData(InputType.Number, "true", null)]
    [InlineData(InputType.Boolean, "\"yes\"", "true")]
    [InlineData(InputType.Boolean, "\"maybe\"", null)]
    [InlineData(InputType.List, "\"a, b\"", """["a","b"]""")]
    [InlineData(InputType.List, "\"[1, 2]\"", "[1,2]")]
    [InlineData(InputType.List, "[[1]]", null)]
    [InlineData(InputType.String, "7", "\"7\"")]
    [InlineData(InputType.String, "[1]", null)]
    public void Input_OfAType_ReadAsWantedOrRefused(InputType type, string given, string? expected) => InputValues.Read(type, JsonNode.Parse(given)!)?.ToJsonString().ShouldBe(expected);

    [Fact]
    public void Bind_SeveralMistakes_AllNamed()
    {
        var recipe = Recipe("x: {type: number}, y: {}, z: {default: d}");
        var refused = Should.Throw<WorkflowException>(() => InputValues.Bind(recipe, new JsonObject { ["x"] = "many", ["q"] = 1 }));
        refused.Message.ShouldContain("'q' is none");
        refused.Message.ShouldContain("'x' must be a number");
        refused.Message.ShouldContain("'y' is missing");
        InputValues.Bind(recipe, new JsonObject { ["x"] = "4", ["y"] = "v" }).ToJsonString().ShouldBe("""{"x":4,"y":"v","z":"d"}""");
    }

    [Theory]
    [InlineData("y=1 z=\"two words\"", """{"y":"1","z":"two words"}""")]
    [InlineData("what is 2=2?", """{"y":"what is 2=2?"}""")]
    [InlineData("y=1 and more", """{"y":"y=1 and more"}""")]
    [InlineData("  ", "{}")]
    public void FromText_WhatStandsBehindASlash_Understood(string text, string expected) =>
        InputValues.FromText(Recipe("z: {default: d}, y: {}"), text).ToJsonString().ShouldBe(expected);

    private static Recipe Recipe(string inputs) => RecipeReader.Read($"name: w\ninputs: {{{inputs}}}\nsteps: [{{id: a, prompt: p}}]").Recipe!;
}
