namespace ProtoAgent.Agent.Workflows;

/// <summary>What can be said of a recipe's steps together: names met twice, places of nothing, circles.</summary>
internal static class RecipeGraph
{
    public static void Check(Recipe recipe, List<RecipeProblem> problems)
    {
        var ids = recipe.Steps.Select(s => s.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var twice in recipe.Steps.GroupBy(s => s.Id).SelectMany(g => g.Skip(1)))
        {
            problems.Add(new RecipeProblem(twice.Line, $"There is a step '{twice.Id}' already."));
        }

        foreach (var step in recipe.Steps)
        {
            foreach (var unknown in step.DependsOn.Where(d => !ids.Contains(d)))
            {
                problems.Add(new RecipeProblem(step.Line, $"The step '{step.Id}' depends on '{unknown}', which is no step. There is: {string.Join(", ", ids)}."));
            }

            foreach (var place in step.Texts.SelectMany(t => t.Places))
            {
                CheckPlace(recipe, ids, place, problems);
            }
        }

        foreach (var place in recipe.Output?.Places ?? [])
        {
            CheckPlace(recipe, ids, place, problems);
        }

        // Of steps of one name the first is meant: the second is a problem already.
        var steps = recipe.Steps.DistinctBy(s => s.Id).ToDictionary(s => s.Id, StringComparer.Ordinal);
        problems.AddRange(Circles(steps).Select(c => new RecipeProblem(
            c.Min(id => steps[id].Line), c.Count == 1 ? $"The step '{c[0]}' waits for itself." : $"These steps wait for each other: {string.Join(" → ", c)} → {c[0]}.")));
    }

    private static void CheckPlace(Recipe recipe, HashSet<string> ids, Place place, List<RecipeProblem> problems)
    {
        var problem = place switch
        {
            { Problem: { } said } => said,
            { Input: { } input } when recipe.Inputs.All(i => i.Name != input) =>
                $"'{{{{inputs.{input}}}}}' is no input. {(recipe.Inputs.Count == 0 ? "The recipe has none." : $"There is: {string.Join(", ", recipe.Inputs.Select(i => i.Name))}.")}",
            { Step: { } step } when !ids.Contains(step) => $"'{{{{steps.{step}.output}}}}' is the output of no step. There is: {string.Join(", ", ids)}.",
            _ => null,
        };
        if (problem is not null)
        {
            problems.Add(new RecipeProblem(place.Line, problem));
        }
    }

    /// <summary>One circle for each knot of steps that wait for each other, in the order of waiting.</summary>
    private static List<List<string>> Circles(Dictionary<string, RecipeStep> steps)
    {
        var circles = new List<List<string>>();
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in steps.Keys)
        {
            Walk(id, []);
        }

        return circles;

        void Walk(string id, List<string> path)
        {
            if (path.IndexOf(id) is var met and >= 0)
            {
                circles.Add(path[met..]);
                return;
            }

            if (done.Contains(id))
            {
                return;
            }

            foreach (var before in steps[id].WaitsFor.Where(steps.ContainsKey))
            {
                Walk(before, [.. path, id]);
            }

            done.Add(id);
        }
    }
}
