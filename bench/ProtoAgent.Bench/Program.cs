using ProtoAgent.Bench;

// bench footprint|turns|skills|schedule|recall|doors <protoagent> <floor>: the native program beside the floor, as Markdown tables.
if (args is not [var what and ("footprint" or "turns" or "skills" or "schedule" or "recall" or "doors"), var program, var floor])
{
    Console.Error.WriteLine("usage: bench footprint|turns|skills|schedule|recall|doors <native protoagent> <native floor>   (bench/run builds both and calls this)");
    return 2;
}

Console.WriteLine($"{Environment.ProcessorCount} cores, {await File.ReadAllTextAsync("/proc/sys/kernel/osrelease")}");
await (what switch
{
    "turns" => TurnCost.RunAsync(program, floor),
    "skills" => SkillCost.RunAsync(program),
    "schedule" => ScheduleCost.RunAsync(program, floor),
    "recall" => Recall.RunAsync(program),
    "doors" => DoorCost.RunAsync(program, floor),
    _ => Footprint.RunAsync(program, floor),
});
return 0;
