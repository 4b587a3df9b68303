using Azure.Core;
using Spectre.Console;

namespace ServerlessImages.Cli;

/// <summary>What the command line stands on: tests give it another.</summary>
/// <param name="Variable">An environment variable, or null.</param>
/// <param name="Credential">Who is asked for a token where none is given.</param>
internal sealed record CliHost(Func<string, string?> Variable, TokenCredential Credential, TextWriter Output, TextWriter Error, TimeProvider Clock)
{
    /// <summary>Where a table goes that is not shown on a terminal: ids are not broken in two.</summary>
    private const int ColumnsElsewhere = 240;

    /// <summary>For results.</summary>
    public IAnsiConsole Results => ConsoleOn(Output, Console.IsOutputRedirected || Output != Console.Out);

    /// <summary>For progress and errors: what is piped on is the results alone.</summary>
    public IAnsiConsole Talk => ConsoleOn(Error, Console.IsErrorRedirected || Error != Console.Error);

    private static IAnsiConsole ConsoleOn(TextWriter writer, bool isElsewhere)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer), Ansi = isElsewhere ? AnsiSupport.No : AnsiSupport.Detect, Interactive = isElsewhere ? InteractionSupport.No : InteractionSupport.Detect });
        if (isElsewhere) console.Profile.Width = ColumnsElsewhere;
        return console;
    }
}
