using System.CommandLine;
using ServerlessImages.Benchmarks;

var quick = new Option<bool>("--quick") { Description = "Short runs: a look, not a measurement." };
var only = new Option<string?>("--only") { Description = "One scenario: " + string.Join(", ", Scenario.All.Select(scenario => scenario.Name)) + "." };
var seconds = new Option<int?>("--seconds") { Description = "How long each measurement takes; 20, or 4 with --quick." };
var azurite = new Option<bool>("--azurite") { Description = "Also over Microsoft's storage emulator, installed with npm on first use." };
var folder = new Option<DirectoryInfo?>("--folder") { Description = "Where the product keeps its data meanwhile: the disk that is measured. The system's temporary folder." };
only.AcceptOnlyFromAmong([.. Scenario.All.Select(scenario => scenario.Name)]);

var settings = new Argument<string>("settings");
var serve = new Command(ProductServer.Command, "The product alone, for the benchmark that started it.") { settings };
serve.Hidden = true;
serve.SetAction((parsed, cancel) => ProductServer.RunAsync(parsed.GetValue(settings)!, cancel));

var app = new Option<DirectoryInfo>("--app") { Description = "The published folder: dotnet publish src/ServerlessImages.Api -c Release --output FOLDER.", Required = true };
var runs = new Option<int>("--runs") { Description = "How often it is started.", DefaultValueFactory = _ => 10 };
var coldStart = new Command("cold-start", "How long the published app takes from the start of its process to its first answer, and to its first paid image.") { app, runs };
coldStart.SetAction((parsed, cancel) => ColdStart.RunAsync(parsed.GetValue(app)!, parsed.GetValue(runs), cancel));

var command = new RootCommand("What the product adds to a bare upstream call, how many durable paid requests it makes a second, and what they take.") { quick, only, seconds, folder, azurite, serve, coldStart };
command.SetAction((parsed, cancel) => BenchmarkRun.RunAsync(
    new BenchmarkOptions(
        parsed.GetValue(quick),
        parsed.GetValue(only),
        TimeSpan.FromSeconds(parsed.GetValue(seconds) ?? (parsed.GetValue(quick) ? 4 : 20)),
        parsed.GetValue(folder)?.FullName ?? Path.GetTempPath(),
        parsed.GetValue(azurite)),
    cancel));
return await command.Parse(args).InvokeAsync();
