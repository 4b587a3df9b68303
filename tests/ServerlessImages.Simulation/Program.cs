using System.CommandLine;
using ServerlessImages;
using ServerlessImages.Simulation.Plants;
using ServerlessImages.Simulation.Running;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// A test project's executable is its runner. This one also simulates on demand: any number of histories, and one of them in detail.
string[] own = ["--histories", "--plant", "--plants", "--help"];
if (!args.Any(own.Contains)) return await (args.Contains("--server") ? TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions) : ConsoleRunner.Run(args));

var histories = new Option<int>("--histories") { Description = "How many.", DefaultValueFactory = _ => 1_000 };
var seed = new Option<ulong>("--seed") { Description = "The first one's seed; the others follow it.", DefaultValueFactory = _ => 1 };
var plant = new Option<string?>("--plant") { HelpName = "name", Description = "With a bug in Core, to see it found. The names are in docs/money.md." };
var trace = new Option<bool>("--trace") { Description = "Tell the first history event by event, whether or not an invariant is violated." };
plant.AcceptOnlyFromAmong([.. Plant.All.Select(each => each.Name)]);

var payments = new Option<bool>("--payments") { Description = "Histories of payments instead of requests." };
var plants = new Option<bool>("--plants") { Description = "The first seed that finds each planted bug, as the rows of the tables in docs/money.md." };
var command = new RootCommand("Runs Core in virtual time among faults and accidents, and checks after every transaction that the money adds up. Without --histories: the tests.") { histories, seed, plant, plants, trace, payments };
command.SetAction(parsed => parsed.GetValue(plants) ? PlantSeeds.Find(Console.Out) : SimulationCommand.Run(new SimulationOptions(parsed.GetValue(histories), parsed.GetValue(seed), parsed.GetValue(plant), parsed.GetValue(trace), parsed.GetValue(payments)), Console.Out));
return await command.Parse(args).InvokeAsync();
