using System.Globalization;
using System.Text.Json.Nodes;
using ServerlessImages.Ledger;
using ServerlessImages.Local.Stripe;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Billing;

/// <summary>
/// One account's ledger against what the emulated Stripe has of it, to the micro-dollar and matched by id. Both sides are read row by row and object by object, and by
/// nothing of the product's that compares them.
/// </summary>
/// <param name="rows">All of the ledger's, but the balance.</param>
/// <param name="promotions">The ids of grants that nobody paid for.</param>
internal sealed class StripeReckoning(string account, Balance balance, IReadOnlyList<Row> rows, StripeEmulator stripe, params IReadOnlyCollection<string> promotions)
{
    private const long MicrosPerCent = 10_000;

    /// <summary>Each payment is one grant of what was bought, and no grant is without one; what went back is gone, once.</summary>
    public void AssertPrepaid()
    {
        var payments = stripe.All("payment_intent").Where(each => IsOurs(each) && each["metadata"]!["credit_cents"] is not null && Text(each, "status") == "succeeded").ToDictionary(each => Text(each, "id"), each => Number(each, "amount") * MicrosPerCent);
        var back = stripe.All("refund").Where(each => Text(each, "status") is not ("failed" or "canceled")).Concat(stripe.All("dispute").Where(each => Text(each, "status") != "won"))
            .Where(each => payments.ContainsKey(Text(each, "payment_intent"))).ToDictionary(each => Text(each, "id"), each => Number(each, "amount") * MicrosPerCent);
        var granted = Amounts("G", entry => !promotions.Contains(entry.Key[2..]));
        var reversed = rows.Where(row => row.Key.EndsWith("~back", StringComparison.Ordinal)).Select(row => LedgerRows.IdOf(row.Key)).ToHashSet();
        var taken = Amounts("R", entry => !reversed.Contains(LedgerRows.IdOf(entry.Key)));

        AssertSame(payments, granted);
        AssertSame(back, taken);
        Assert.Equal((payments.Values.Sum() + Amounts("G").Where(each => promotions.Contains(each.Key)).Sum(each => each.Value), back.Values.Sum()), (balance.Granted.Micros, balance.Refunded.Micros));
    }

    /// <summary>For every hour: what Stripe was sent, and what stands on invoices by itself, is what the ledger charged; no identifier has two values, and no hour two identifiers.</summary>
    public void AssertPostpaid()
    {
        Assert.Equal((Money.Zero, false), (balance.Usage.Postpaid, rows.Any(row => row.Key.StartsWith(LedgerRows.OutboxStart, StringComparison.Ordinal))));
        Assert.Empty(stripe.All("v2.core.event"));
        var hours = Rows("U").Select(UsageHour.From).Where(each => each.Postpaid > Money.Zero).ToDictionary(each => each.Hour, each => each.Postpaid.Micros);
        var delivered = Rows("M").ToDictionary(row => LedgerRows.HourOf(row.Key));
        var sent = stripe.All("billing.meter_event").Where(each => Text(each, "identifier").StartsWith(account + ":", StringComparison.Ordinal)).ToArray();
        var items = Items().ToDictionary(each => each["metadata"]!["identifier"]!.GetValue<string>(), MicrosOf);

        Assert.Equal(hours.OrderBy(each => each.Key), delivered.OrderBy(each => each.Key).Select(each => KeyValuePair.Create(each.Key, each.Value.Columns.Integer("Value"))));
        Assert.Equal(sent.Length, sent.Select(each => Text(each, "identifier")).Distinct().Count());
        foreach (var group in delivered.GroupBy(each => each.Value.Columns.Text("Identifier"), each => each.Key))
        {
            var isItem = group.Key.EndsWith(":invoice", StringComparison.Ordinal) || group.Key.EndsWith(":difference", StringComparison.Ordinal);
            if (!isItem) Assert.Equal((Assert.Single(group), hours[group.First()]), (group.First(), ValueOf(Assert.Single(sent, each => Text(each, "identifier") == group.Key))));
            items.Remove(group.Key, out var itemised);
            Assert.Equal(group.Sum(hour => hours[hour]), itemised + sent.Where(each => group.Contains(HourOf(each))).Sum(ValueOf));
        }

        Assert.Empty(items);
        Assert.Empty(sent.Select(HourOf).Except(hours.Keys));
    }

    /// <summary>And all that was charged is on invoices that are paid.</summary>
    public void AssertInvoicedAndPaid()
    {
        var invoices = stripe.All("invoice").Where(each => Lines(each).Any()).ToArray();
        var paid = invoices.ToDictionary(each => Text(each, "id"), each => Lines(each).Sum(line => IsItem(line) ? MicrosOf(line) : long.Parse(Text(line, "quantity_decimal"), CultureInfo.InvariantCulture)));

        Assert.All(invoices, each => Assert.Equal("paid", Text(each, "status")));
        AssertSame(paid.Where(each => each.Value != 0).ToDictionary(), Amounts("P"));
        Assert.Equal((paid.Values.Sum(), paid.Values.Sum()), (balance.Owed.Micros, balance.Paid.Micros));
    }

    private IEnumerable<Row> Rows(string kind) => rows.Where(row => row.Key.StartsWith(kind + "|", StringComparison.Ordinal));

    private Dictionary<string, long> Amounts(string kind, Func<Row, bool>? which = null) =>
        Rows(kind).Where(row => which?.Invoke(row) != false).ToDictionary(row => LedgerRows.IdOf(row.Key), row => row.Columns.Integer("Amount"));

    private IEnumerable<JsonObject> Items() => stripe.All("invoiceitem").Where(each => IsOurs(each) && IsItem(each));

    /// <summary>Those of usage: credit that is bought has invoices too.</summary>
    private IEnumerable<JsonObject> Lines(JsonObject invoice) =>
        invoice["lines"]!["data"]!.AsArray().Select(each => each!.AsObject()).Where(line => IsOurs(line) && (IsItem(line) || Text(line["parent"]!.AsObject(), "type") == "subscription_item_details"));

    private bool IsOurs(JsonObject json) => json["metadata"]?["account"]?.GetValue<string>() == account;

    private static bool IsItem(JsonObject json) => json["metadata"]?["identifier"] is not null;

    private static long MicrosOf(JsonObject item) => long.Parse(item["metadata"]!["micro_usd"]!.GetValue<string>(), CultureInfo.InvariantCulture);

    private static long ValueOf(JsonObject sent) => long.Parse(sent["payload"]!["value"]!.GetValue<string>(), CultureInfo.InvariantCulture);

    private static LedgerHour HourOf(JsonObject sent) => LedgerHour.Of(DateTimeOffset.FromUnixTimeSeconds(Number(sent, "timestamp")));

    private static void AssertSame(Dictionary<string, long> expected, Dictionary<string, long> actual) =>
        Assert.Equal(expected.OrderBy(each => each.Key, StringComparer.Ordinal), actual.OrderBy(each => each.Key, StringComparer.Ordinal));

    private static string Text(JsonObject json, string name) => json[name]!.GetValue<string>();

    private static long Number(JsonObject json, string name) => json[name]!.GetValue<long>();
}
