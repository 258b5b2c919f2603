namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>A message whose required fields and choices are held (specification 5.7), because JSON alone does not hold them.</summary>
internal interface IChecked
{
    /// <param name="at">Where this message stands, as a path that ends in a dot; blank at the top.</param>
    void Check(Checks checks, string at);
}

/// <param name="Field">As a path: <c>message.parts[0].raw</c>.</param>
internal sealed record Violation(string Field, string Description);

/// <summary>Collects all that is wrong with a message: whoever sent it mends it once.</summary>
internal sealed class Checks
{
    private readonly List<Violation> _found = [];

    public IReadOnlyList<Violation> Found => _found;

    public void Add(string field, string description) => _found.Add(new Violation(field, description));

    public void Required(string field, string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            Add(field, "Is required and missing or blank.");
        }
    }

    /// <summary>Arrays marked as required hold at least one element.</summary>
    public void Required<T>(string field, IReadOnlyList<T>? value)
    {
        if (value is not { Count: > 0 })
        {
            Add(field, "At least one is required.");
        }
    }

    public void Required(string at, string field, IChecked? value)
    {
        if (value is null)
        {
            Add($"{at}{field}", "Is required and missing.");
        }
        else
        {
            value.Check(this, $"{at}{field}.");
        }
    }

    public void Each(string field, IReadOnlyList<IChecked?>? values)
    {
        for (var i = 0; i < (values?.Count ?? 0); i++)
        {
            if (values![i] is { } value)
            {
                value.Check(this, $"{field}[{i}].");
            }
            else
            {
                Add($"{field}[{i}]", "Is null and must be an object.");
            }
        }
    }

    /// <summary>A <c>oneof</c> of the definition, of which exactly one is to be there.</summary>
    public void ExactlyOne(string at, params ReadOnlySpan<(string Name, bool IsSet)> choices)
    {
        var set = new List<string>();
        var names = new List<string>();
        foreach (var (name, isSet) in choices)
        {
            names.Add(name);
            if (isSet)
            {
                set.Add(name);
            }
        }

        if (set.Count != 1)
        {
            Add(at.TrimEnd('.'), $"Must hold exactly one of {string.Join(", ", names)}; {(set.Count == 0 ? "holds none" : $"holds {string.Join(" and ", set)}")}.");
        }
    }
}
