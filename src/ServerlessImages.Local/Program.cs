using System.CommandLine;
using ServerlessImages.Local;

var port = new Option<int>("--port") { Description = "The port of the API on localhost; 0 takes any free one.", DefaultValueFactory = _ => 7071 };
var data = new Option<DirectoryInfo>("--data") { Description = "Where everything is kept between runs.", DefaultValueFactory = _ => new DirectoryInfo(".serverlessimages") };
var storage = new Option<LocalStorage>("--storage") { Description = "embedded: one SQLite file and a folder. azurite: Microsoft's storage emulator, installed with npm on first use.", DefaultValueFactory = _ => LocalStorage.Embedded };
var once = new Option<bool>("--once") { Description = "End after the journey instead of serving until Ctrl+C. Exit code 0: everything added up." };
var json = new Option<bool>("--json") { Description = "Print the journey as one JSON document on standard output; everything else goes to standard error." };
var set = new Option<string[]>("--set") { Description = "A setting of the API, as NAME=VALUE, such as Generation:AdoptAfter=00:00:05. May be given several times." };
set.Validators.Add(result =>
{
    foreach (var wrong in result.GetValue(set)!.Where(each => each.IndexOf('=', StringComparison.Ordinal) < 1)) result.AddError($"--set takes NAME=VALUE, not '{wrong}'.");
});
port.Validators.Add(result =>
{
    if (result.GetValue(port) is < 0 or > 65_535) result.AddError("--port is a number from 0 to 65535.");
});

var command = new RootCommand("ServerlessImages on this machine: the API, emulators of Azure OpenAI and Stripe, a demo account that buys $5 of credit, one paid image, and one that is owed and reported, to begin with.") { port, data, storage, once, json, set };
command.SetAction((parsed, cancel) => LocalRun.RunAsync(
    new LocalOptions
    {
        Port = parsed.GetValue(port),
        DataFolder = parsed.GetValue(data)!.FullName,
        Storage = parsed.GetValue(storage),
        Once = parsed.GetValue(once),
        Json = parsed.GetValue(json),
        Settings = parsed.GetValue(set)!.Select(each => each.Split('=', 2)).ToDictionary(each => each[0], each => (string?)each[1], StringComparer.OrdinalIgnoreCase),
    },
    cancel));
return await command.Parse(args).InvokeAsync();
