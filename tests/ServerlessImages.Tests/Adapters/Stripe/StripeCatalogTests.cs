using System.Text.Json;
using System.Text.Json.Nodes;
using ServerlessImages.Billing;

namespace ServerlessImages.Tests.Adapters.Stripe;

/// <summary>What usage is invoiced with is made once, whatever crashes, and never taken for right when it is not.</summary>
public sealed class StripeCatalogTests : IAsyncLifetime
{
    private readonly Dictionary<string, JsonObject> there = [];
    private ScriptedStripe stripe = null!;

    public async ValueTask InitializeAsync()
    {
        stripe = await ScriptedStripe.StartAsync(Sample.Clock());
        stripe.Answer = Answer;
    }

    public ValueTask DisposeAsync() => stripe.DisposeAsync();

    [Fact]
    public async Task What_is_not_there_is_made_and_then_found()
    {
        var made = (await SetUpAsync()).Value();
        var found = (await SetUpAsync()).Value();

        Assert.Equal(new UsageCatalog(new("serverlessimages_usage", true), new("mtr_1", true), new("price_1", true)), made);
        Assert.Equal(new UsageCatalog(new("serverlessimages_usage", false), new("mtr_1", false), new("price_1", false)), found);
        Assert.Equal(["POST /v1/products", "POST /v1/billing/meters", "POST /v1/prices"], Posts());
        var price = stripe.Calls.Single(call => call.What == "POST /v1/prices").Fields;
        Assert.Equal(("0.0001", "usd", "metered", "month", "mtr_1"), (price["unit_amount_decimal"], price["currency"], price["recurring[usage_type]"], price["recurring[interval]"], price["recurring[meter]"]));
    }

    [Theory]
    [InlineData("POST /v1/products")]
    [InlineData("POST /v1/billing/meters")]
    [InlineData("POST /v1/prices")]
    public async Task A_run_that_lost_an_answer_is_repeated_and_makes_nothing_twice(string lost)
    {
        stripe.Answer = call => call.What == lost ? Lose(call) : Answer(call);
        await Assert.ThrowsAsync<CollectorUnavailableException>(SetUpAsync);
        stripe.Answer = Answer;

        Assert.True((await SetUpAsync()).TryGet(out _, out _));
        Assert.Equal(["POST /v1/billing/meters", "POST /v1/prices", "POST /v1/products"], Posts().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_another_makes_at_the_same_time_is_found()
    {
        stripe.Answer = call => call.What == "POST /v1/billing/meters" ? (Answer(call), (400, """{"error":{"type":"invalid_request_error","message":"A meter with this event name exists."}}""")).Item2 : Answer(call);

        Assert.Equal(new CatalogItem("mtr_1", IsNew: false), (await SetUpAsync()).Value().Meter);
    }

    public static TheoryData<string, string, string, string> Wrong => new()
    {
        { "serverlessimages_usage", "active", "false", "is archived" },
        { "mtr_1", "status", "\"inactive\"", "is inactive" },
        { "mtr_1", "default_aggregation", """{"formula":"last"}""", "does not add up" },
        { "mtr_1", "event_time_window", "\"hour\"", "keeps only the last event" },
        { "mtr_1", "value_settings", """{"event_payload_key":"n"}""", "other fields" },
        { "price_1", "active", "false", "is archived" },
        { "price_1", "product", "\"prod_x\"", "of the product prod_x" },
        { "price_1", "currency", "\"eur\"", "in eur" },
        { "price_1", "unit_amount_decimal", "\"0.001\"", "is not 0.0001 cents" },
        { "price_1", "transform_quantity", """{"divide_by":10,"round":"up"}""", "is not 0.0001 cents" },
        { "price_1", "recurring", """{"interval":"year","interval_count":1,"usage_type":"metered","meter":"mtr_1"}""", "not metered by the month" },
        { "price_1", "recurring", """{"interval":"month","interval_count":1,"usage_type":"metered","meter":"mtr_x"}""", "of the meter mtr_x" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_would_bill_something_else_is_told_and_left_alone(string id, string member, string value, string told)
    {
        await SetUpAsync();
        there[id][member] = JsonNode.Parse(value);

        var error = (await SetUpAsync()).Error();

        Assert.Equal("billing_setup_differs", error.Code);
        Assert.Contains(told, error.Message, StringComparison.Ordinal);
        Assert.Equal(3, Posts().Count);
    }

    private Task<Result<UsageCatalog>> SetUpAsync() => stripe.Of<ISubscriptionCollector>().SetUpAsync(TestContext.Current.CancellationToken);

    private List<string> Posts() => [.. stripe.Calls.Select(call => call.What).Where(what => what.StartsWith("POST", StringComparison.Ordinal))];

    private (int, string) Lose(ScriptedStripe.Call call) => (Answer(call), (503, """{"error":{"type":"api_error","message":"Sorry."}}""")).Item2;

    private (int, string) Answer(ScriptedStripe.Call call) => call.What switch
    {
        "GET /v1/products/serverlessimages_usage" when there.TryGetValue("serverlessimages_usage", out var product) => (200, product.ToJsonString()),
        "GET /v1/products/serverlessimages_usage" => (404, """{"error":{"type":"invalid_request_error","code":"resource_missing","message":"No such product."}}"""),
        "GET /v1/billing/meters" => (200, List("mtr_1")),
        "GET /v1/prices" => (200, List("price_1")),
        "POST /v1/products" => (200, Make(new JsonObject { ["id"] = call.Fields["id"], ["object"] = "product", ["active"] = true })),
        "POST /v1/billing/meters" => (200, Make(new JsonObject
        {
            ["id"] = "mtr_1",
            ["object"] = "billing.meter",
            ["status"] = "active",
            ["event_name"] = call.Fields["event_name"],
            ["default_aggregation"] = new JsonObject { ["formula"] = call.Fields["default_aggregation[formula]"] },
            ["customer_mapping"] = new JsonObject { ["type"] = "by_id", ["event_payload_key"] = call.Fields["customer_mapping[event_payload_key]"] },
            ["value_settings"] = new JsonObject { ["event_payload_key"] = call.Fields["value_settings[event_payload_key]"] },
        })),
        _ => (200, Make(new JsonObject
        {
            ["id"] = "price_1",
            ["object"] = "price",
            ["active"] = true,
            ["product"] = call.Fields["product"],
            ["currency"] = call.Fields["currency"],
            ["billing_scheme"] = call.Fields["billing_scheme"],
            ["unit_amount_decimal"] = call.Fields["unit_amount_decimal"],
            ["lookup_key"] = call.Fields["lookup_key"],
            ["recurring"] = new JsonObject { ["interval"] = call.Fields["recurring[interval]"], ["interval_count"] = 1, ["usage_type"] = call.Fields["recurring[usage_type]"], ["meter"] = call.Fields["recurring[meter]"] },
        })),
    };

    private string Make(JsonObject made) => (there[made["id"]!.GetValue<string>()] = made).ToJsonString();

    private string List(string id) => JsonSerializer.Serialize(new { @object = "list", url = "/v1/x", has_more = false, data = there.TryGetValue(id, out var found) ? new[] { found } : [] });
}
