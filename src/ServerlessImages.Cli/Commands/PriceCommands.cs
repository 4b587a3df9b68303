using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ServerlessImages.Cli.Commands;

internal static class PriceCommands
{
    private const string Prices = "/operator/v1/prices";

    public static Command All(DeskOptions desk) => new("prices", "Prices: those that there are, one more, and what one more would do.") { List(desk), Add(desk), Preview(desk) };

    private static Command List(DeskOptions options)
    {
        var model = new Option<string?>("--model") { Description = "Of one model only." };
        return options.On(new Command("list", "Lists all prices by model, newest first.") { model }, async (parsed, desk, cancel) =>
        {
            var prices = (await desk.Client.GetAsync(Prices, cancel)).GetProperty("data").EnumerateArray().Where(price => parsed.GetValue(model) is not { } wanted || price.GetProperty("model").GetString() == wanted);
            desk.Show([.. prices], new("version", "version"), new("from", "effective_from"), new("state", "state"), new("origin", "origin"), new("cost", "cost", MayWrap: true), new("selling", "selling", MayWrap: true), new("source", "source", MayWrap: true));
        });
    }

    private static Command Add(DeskOptions options)
    {
        var (model, day, source, reason) = (Model(), new Option<string>("--from") { Description = "The first day, in UTC, such as 2026-12-01: tomorrow at the earliest.", Required = true }, new Option<string>("--source") { Description = "Where the price is from.", Required = true }, Given.Reason());
        var tariff = new TariffOptions();
        return options.On(tariff.AddTo(new Command("add", "Adds a price from a day on. None is ever changed: another one takes over.") { model, day, source, reason }), async (parsed, desk, cancel) =>
        {
            var body = tariff.Read(parsed);
            (body["model"], body["effective_from"], body["source"], body["reason"]) = (parsed.GetValue(model), parsed.GetValue(day), parsed.GetValue(source), parsed.GetValue(reason));
            desk.Show(await desk.Client.SendAsync(HttpMethod.Post, Prices, body, null, cancel));
        });
    }

    private static Command Preview(DeskOptions options)
    {
        var (model, days, tariff) = (Model(), new Option<int>("--days") { Description = "Of how many days the usage is tried, 1 to 90.", DefaultValueFactory = _ => 30 }, new TariffOptions());
        return options.On(tariff.AddTo(new Command("preview", "Says what past usage would have brought at a price. Changes nothing.") { model, days }), async (parsed, desk, cancel) =>
        {
            var body = tariff.Read(parsed);
            (body["model"], body["days"]) = (parsed.GetValue(model), parsed.GetValue(days));
            desk.Show(await desk.Client.SendAsync(HttpMethod.Post, Prices + "/preview", body, null, cancel));
        });
    }

    private static Argument<string> Model() => new("model") { Description = "The model's id." };

    /// <summary>What the upstream takes and what is charged: per token in three numbers, or per image in a file.</summary>
    private sealed class TariffOptions
    {
        private readonly Option<string?> cost = new("--cost") { Description = "What the upstream takes per million tokens, in dollars: text input, image input and output with commas between, such as 5,8,30. Or a file of JSON, as @cost.json." };
        private readonly Option<string?> selling = new("--selling") { Description = "What is charged, in the same form. Without it: the cost and the plan's markup." };

        public Command AddTo(Command command)
        {
            cost.Required = true;
            command.Add(cost);
            command.Add(selling);
            return command;
        }

        public JsonObject Read(ParseResult parsed)
        {
            var body = new JsonObject { ["cost"] = Tariff("--cost", parsed.GetValue(cost)!) };
            if (parsed.GetValue(selling) is { } given) body["selling"] = Tariff("--selling", given);
            return body;
        }

        private static JsonNode Tariff(string option, string text)
        {
            if (text.StartsWith('@')) return FromFile(option, text[1..]);
            return text.Split(',') is [var input, var images, var output]
                ? new JsonObject { ["per_million_tokens_usd"] = new JsonObject { ["text_input"] = input, ["image_input"] = images, ["output"] = output } }
                : throw new CliException(ExitCode.Usage, $"{option} is three prices with commas between, such as 5,8,30, or a file of JSON, as @cost.json.");
        }

        private static JsonNode FromFile(string option, string path)
        {
            try
            {
                return JsonNode.Parse(File.ReadAllText(path)) ?? throw new JsonException("It is empty.");
            }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or JsonException)
            {
                throw new CliException(ExitCode.Usage, $"{option}: {path} cannot be read as JSON. {cause.Message}", cause);
            }
        }
    }
}
