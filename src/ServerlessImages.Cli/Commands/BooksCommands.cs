using System.CommandLine;

namespace ServerlessImages.Cli.Commands;

internal static class BooksCommands
{
    public static Command All(DeskOptions options)
    {
        var (day, limit) = (new Argument<string>("day") { Description = "A day in UTC, such as 2026-11-23." }, Given.Limit());
        var differing = new Option<bool>("--differing") { Description = "Only the accounts whose books differ." };
        return options.On(new Command("books", "The books of all accounts for a day. Ends with 5 if any differ.") { day, limit, differing }, async (parsed, desk, cancel) =>
        {
            var books = await desk.Client.ListAsync($"/operator/v1/books/{Given.Path(parsed.GetValue(day)!)}", parsed.GetValue(limit), cancel);
            var different = books.Where(each => each.GetProperty("state").GetString() == "different").ToArray();
            desk.Show(parsed.GetValue(differing) ? different : books, new("account", "account_id"), new("state", "state"), Column.Number("requests", "requests_charged"), Column.Money("granted $", "granted_usd"), Column.Money("charged $", "charged_usd"), new("differences", "differences", MayWrap: true));
            return different.Length == 0 ? ExitCode.Done : ExitCode.Wrong;
        });
    }

    public static Command Incidents(DeskOptions options)
    {
        var limit = Given.Limit();
        return options.On(new Command("incidents", "What is not as it should be. Ends with 5 if there is anything.") { limit }, async (parsed, desk, cancel) =>
        {
            var incidents = await desk.Client.ListAsync("/operator/v1/incidents", parsed.GetValue(limit), cancel);
            desk.Show(incidents, new("kind", "kind"), new("id", "id"), new("account", "account_id"), Column.Time("since", "created"), new("cause", "cause", MayWrap: true));
            return incidents.Count == 0 ? ExitCode.Done : ExitCode.Wrong;
        });
    }
}
