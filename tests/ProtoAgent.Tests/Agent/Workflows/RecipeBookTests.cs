using ProtoAgent.Agent.Workflows;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Workflows;

public sealed class RecipeBookTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly RecipeBook _book;

    public RecipeBookTests() => _book = new RecipeBook(Folder);

    private string Folder => Path.Combine(_temp.Path, "workflows");

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void All_NoFolder_TheBundledOnes()
    {
        _book.All().Select(e => e.Name).ShouldBe(["deep-research", "research-and-brief", "review"]);
        Directory.Exists(Folder).ShouldBeFalse("a question makes nothing");
    }

    [Fact]
    public void Save_ThenChangedByHand_TheChangeIsSeen()
    {
        _book.Save(Recipe("mine", "one"), replace: false).ShouldBeTrue();
        _book.Find("mine")!.Recipe!.Description.ShouldBe("one");
        var path = Path.Combine(Folder, "mine.yaml");
        File.WriteAllText(path, Yaml("mine", "another"));
        _book.Find("mine")!.Recipe!.Description.ShouldBe("another");
        File.Delete(path);
        _book.Find("mine").ShouldBeNull();
    }

    [Fact]
    public void Save_AnotherOfTheName_OnlyWhenItIsToBeReplaced()
    {
        _book.Save(Recipe("mine", "one"), replace: false);
        Should.Throw<WorkflowException>(() => _book.Save(Recipe("mine", "two"), replace: false)).Code.ShouldBe("workflow_exists");
        _book.Save(Recipe("mine", "one"), replace: false).ShouldBeFalse("the same again changes nothing");
        _book.Save(Recipe("mine", "two"), replace: true).ShouldBeFalse();
        _book.Find("mine")!.Recipe!.Description.ShouldBe("two");
    }

    [Fact]
    public void Save_ABundledName_StandsInItsPlaceUntilDeleted()
    {
        _book.Save(Recipe("review", "my own"), replace: false);
        _book.All().Count(e => e.Name == "review").ShouldBe(1);
        (_book.Find("review")!.Source, _book.Find("review")!.Recipe!.Description).ShouldBe((RecipeSource.Own, "my own"));
        _book.Delete("review").ShouldBeTrue();
        _book.Find("review")!.Source.ShouldBe(RecipeSource.Bundled);
        Should.Throw<WorkflowException>(() => _book.Delete("review")).Code.ShouldBe("workflow_bundled");
        _book.Delete("nobody").ShouldBeFalse();
    }

    [Fact]
    public void All_ABrokenFile_NamedWithItsProblemsAndTheRestIsThere()
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "broken.yaml"), "name: broken\nsteps: [{id: a}]");
        File.WriteAllText(Path.Combine(Folder, "other.yaml"), Yaml("name-of-another", "d"));
        File.WriteAllText(Path.Combine(Folder, "Loud.yaml"), Yaml("loud", "d"));
        File.WriteAllBytes(Path.Combine(Folder, "bytes.yaml"), [0x6e, 0xff, 0x3a]);
        File.WriteAllText(Path.Combine(Folder, "fine.yaml"), Yaml("fine", "d"));
        File.WriteAllText(Path.Combine(Folder, "notes.txt"), "no recipe");
        var all = _book.All();
        all.Select(e => e.Name).ShouldBe(["Loud", "broken", "bytes", "deep-research", "fine", "other", "research-and-brief", "review"]);
        all.Where(e => e.Recipe is null).Select(e => e.Name).ShouldBe(["Loud", "broken", "bytes", "other"]);
        all.Single(e => e.Name == "broken").Problems.ShouldHaveSingleItem().Line.ShouldBe(2);
        all.Single(e => e.Name == "other").Problems[0].Message.ShouldContain("same name");
        all.Single(e => e.Name == "bytes").Problems[0].Message.ShouldContain("UTF-8");
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("..")]
    [InlineData("/etc/passwd")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("runs")]
    [InlineData("A")]
    public void Find_ANameThatIsNone_Nothing(string name)
    {
        File.WriteAllText(Path.Combine(_temp.Path, "outside.yaml"), Yaml("outside", "d"));
        _book.Find(name).ShouldBeNull();
        _book.Find("../outside").ShouldBeNull();
        _book.Delete(name).ShouldBeFalse();
    }

    private static Recipe Recipe(string name, string description) => RecipeReader.Read(Yaml(name, description)).Recipe!;

    private static string Yaml(string name, string description) => $"name: {name}\ndescription: {description}\nsteps: [{{id: a, prompt: p}}]\n";
}
