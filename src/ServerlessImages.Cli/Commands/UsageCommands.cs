using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace ServerlessImages.Cli.Commands;

internal static class UsageCommands
{
    public static Command All(DeskOptions desk) => new("usage", "What an account used.") { Report(desk), Export(desk) };

    private static Command Report(DeskOptions options)
    {
        var account = Given.Account();
        var (from, to) = (Given.Day("--from", "The first day; without it, 30 days before --to."), Given.Day("--to", "The first day that is not meant; without it, now."));
        var bucket = new Option<string>("--bucket") { Description = "hour, day, month or all.", DefaultValueFactory = _ => "day" };
        bucket.AcceptOnlyFromAmong("hour", "day", "month", "all");
        var group = new Option<string?>("--by") { Description = "model, quality, key, end_user, rail or tag:NAME; several with commas between." };
        var csv = new Option<bool>("--csv") { Description = "Print CSV." };
        return options.On(new Command("report", "Adds up an account's usage.") { account, from, to, bucket, group, csv }, async (parsed, desk, cancel) =>
        {
            var path = $"/operator/v1/accounts/{Given.Path(parsed.GetValue(account)!)}/usage" + Given.Query(("from", Seconds("--from", parsed.GetValue(from))), ("to", Seconds("--to", parsed.GetValue(to))), ("bucket", parsed.GetValue(bucket)), ("group_by", parsed.GetValue(group)), ("format", parsed.GetValue(csv) ? "csv" : "json"));
            if (parsed.GetValue(csv)) await desk.Host.Output.WriteAsync(await desk.Client.TextAsync(path, cancel));
            else desk.Show([.. (await desk.Client.GetAsync(path, cancel)).GetProperty("data").EnumerateArray()], [Column.Time("from", "start"), Column.Time("to", "end"), .. (parsed.GetValue(group) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(name => new Column(name, name == "key" ? "key_id" : name.Replace("tag:", "tags.", StringComparison.Ordinal))), Column.Number("requests", "requests"), Column.Number("images", "images"), Column.Money("charged $", "amount_usd")]);
        });
    }

    private static Command Export(DeskOptions options)
    {
        var account = Given.Account();
        var output = new Option<FileInfo?>("--output") { Description = "The file to write; without it, standard output." };
        var after = new Option<long>("--after") { Description = "Goes on after this entry: the last sequence of an export before." };
        return options.On(new Command("export", "Writes all entries of an account's ledger, one JSON object on a line, oldest first.") { account, output, after }, async (parsed, desk, cancel) =>
        {
            var path = $"/operator/v1/accounts/{Given.Path(parsed.GetValue(account)!)}/usage/events";
            await using var file = parsed.GetValue(output) is { } info ? new StreamWriter(info.Open(FileMode.Create, FileAccess.Write)) : null;
            var last = await desk.Host.Talk.Status().StartAsync("Reading entries …", status => CopyAsync(desk, path, parsed.GetValue(after), file ?? desk.Host.Output, count => status.Status($"{count} entries …"), cancel));
            await desk.Host.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Done through entry {last}. --after {last} goes on from here."));
        });
    }

    private static async Task<long> CopyAsync(Desk desk, string path, long after, TextWriter to, Action<long> progress, CancellationToken cancel)
    {
        var (last, count, hasMore) = (after, 0L, true);
        while (hasMore)
        {
            var page = await desk.Client.GetAsync(string.Create(CultureInfo.InvariantCulture, $"{path}?limit=100&after={last}"), cancel);
            foreach (var entry in page.GetProperty("data").EnumerateArray())
            {
                // Their numbers have no gaps: what is missing would be money that nobody sees.
                var sequence = entry.GetProperty("sequence").GetInt64();
                if (sequence != last + 1) throw new CliException(ExitCode.Wrong, $"after the entry {last} comes {sequence}: the ledger lacks one.");
                await to.WriteLineAsync(JsonSerializer.Serialize(entry));
                last = sequence;
                count++;
            }

            progress(count);
            hasMore = page.GetProperty("has_more").GetBoolean();
        }

        await to.FlushAsync(cancel);
        return last;
    }

    private static string? Seconds(string option, string? day)
    {
        if (day is null) return null;
        return DateTimeOffset.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)
            : throw new CliException(ExitCode.Usage, $"{option} is a day such as 2026-11-23, not {day}.");
    }
}
