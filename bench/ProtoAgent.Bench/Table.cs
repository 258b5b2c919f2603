namespace ProtoAgent.Bench;

/// <summary>Results as Markdown.</summary>
internal static class Table
{
    public static void Head(string floor, string measured) => Console.WriteLine($"| | {floor} | {measured} | ratio |\n|---|---|---|---|");

    public static void Row(string what, double floor, double measured) =>
        Console.WriteLine(double.IsNaN(floor) ? $"| {what} | – | {Shown(measured)} | – |" : $"| {what} | {Shown(floor)} | {Shown(measured)} | {measured / floor:0.0} |");

    public static double At(List<double> values, double quantile) => values.Order().ElementAt((int)(quantile * (values.Count - 1)));

    private static string Shown(double value) => value < 10 ? $"{value:0.00}" : $"{value:0.0}";
}
