using ProtoAgent.Bench;

// bench footprint|turns <protoagent> <floor>: the native program beside the floor, as Markdown tables.
if (args is not [var what and ("footprint" or "turns"), var program, var floor])
{
    Console.Error.WriteLine("usage: bench footprint|turns <native protoagent> <native floor>   (bench/run builds both and calls this)");
    return 2;
}

Console.WriteLine($"{Environment.ProcessorCount} cores, {await File.ReadAllTextAsync("/proc/sys/kernel/osrelease")}");
await (what == "turns" ? TurnCost.RunAsync(program, floor) : Footprint.RunAsync(program, floor));
return 0;
