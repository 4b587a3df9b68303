using System.CommandLine;
using ServerlessImages;
using ServerlessImages.Browser;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// A test project's executable is its runner. This one also takes pictures of every page.
if (args is not ["screenshots", ..]) return await (args.Contains("--server") ? TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions) : ConsoleRunner.Run(args));

var folder = new Argument<DirectoryInfo>("folder") { Description = "Where the pictures go. Created when missing." };
var page = new Option<string?>("--page") { HelpName = "name", Description = "Only pages whose name contains this." };
var screenshots = new Command("screenshots", "Takes a picture of every page at three widths and in both themes.") { folder, page };
screenshots.SetAction((parsed, cancel) => Screenshots.TakeAsync(parsed.GetValue(folder)!.FullName, parsed.GetValue(page) ?? "", Console.Out, cancel));
return await new RootCommand("The pages in a real browser. Without a command: the tests.") { screenshots }.Parse(args).InvokeAsync();
