using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>Subscriptions to metered prices, in flexible mode: nothing is due at the start, each period's usage is invoiced at its end, or when it passes the threshold.</summary>
internal sealed class StripeSubscriptions(StripeState state, StripeEvents events, StripeInvoices invoices, StripeCards cards)
{
    private const int ItemsMax = 20;
    private const long ThresholdRestSeconds = 86_400;

    public IEnumerable<StripeDue> Dues() => state.All("subscription").Where(each => each.Text("status") != "canceled")
        .Reverse().Select(each => new StripeDue(each.Data("items")[0].Number("current_period_end"), () => EndPeriod(each)));

    /// <summary>What a Checkout asks for, checked before its page is there.</summary>
    public void Check(StripeFields fields)
    {
        var lines = fields.Each("line_items");
        if (lines.Count is 0 or > ItemsMax) throw StripeError.Invalid("You must have from 1 to 20 recurring items.", "line_items");
        foreach (var line in lines)
        {
            var price = state.Get("price", line.Required("price"));
            if (price["recurring"] is not JsonObject recurring || recurring.Text("usage_type") != "metered") throw StripeError.NotEmulated("subscriptions but to metered prices", "line_items[0][price]");
            if (line.Has("quantity")) throw StripeError.Invalid("Quantity should not be specified where usage_type is `metered`. Remove quantity from `line_items[0]`", "line_items[0][quantity]");
            if (!price.Flag("active")) throw StripeError.Invalid("The price specified is inactive.", "line_items[0][price]");
        }

        var data = fields.Part("subscription_data");
        if (data.Part("billing_mode").Choice("type", "flexible", "flexible", "classic") == "classic") throw StripeError.NotEmulated("the classic mode, which does not bill usage before a change of price", "subscription_data[billing_mode][type]");
        if (data.Has("trial_end") || data.Has("trial_period_days")) throw StripeError.NotEmulated("trials", "subscription_data");
        var first = state.Get("price", lines[0].Required("price")).Object("recurring");
        if (data.Number("billing_cycle_anchor") is { } anchor && (anchor <= state.Now || anchor > StripePeriods.Later(first, state.Now, 1)))
            throw StripeError.Invalid("billing_cycle_anchor must be in the future and not later than the next natural billing date.", "subscription_data[billing_cycle_anchor]");
    }

    public JsonObject Create(string customer, IReadOnlyList<string> prices, long? anchor, JsonObject metadata, string method)
    {
        var subscription = state.New("subscription", "sub");
        subscription["customer"] = customer;
        subscription["currency"] = state.Get("price", prices[0]).Text("currency");
        subscription["metadata"] = metadata.DeepClone();
        subscription["start_date"] = state.Now;
        subscription["billing_cycle_anchor"] = anchor ?? state.Now;
        subscription["default_payment_method"] = method;
        subscription["items"] = StripeJson.List($"/v1/subscription_items?subscription={subscription.Text("id")}", prices.Select(each => Item(subscription, state.Get("price", each))));
        state.Add(subscription);
        events.Happened("customer.subscription.created", subscription);
        return subscription;
    }

    public JsonObject Update(string id, StripeFields fields)
    {
        var subscription = Open(id);
        foreach (var name in (string[])["items", "billing_cycle_anchor", "pause_collection", "trial_end", "cancel_at", "add_invoice_items", "collection_method"])
        {
            if (fields.Has(name)) throw StripeError.NotEmulated("this change of a subscription", name);
        }

        if (fields.Has("billing_thresholds")) subscription["billing_thresholds"] = Thresholds(fields);
        if (fields.Text("cancel_at_period_end") is { } cancel) CancelAtPeriodEnd(subscription, cancel == "true");
        if (fields.Text("description") is { } description) subscription["description"] = description;
        if (fields.Text("default_payment_method") is { Length: > 0 } method) subscription["default_payment_method"] = state.Get("payment_method", method).Text("id");
        subscription.Object("metadata").Merge(fields.Map("metadata"));
        events.Happened("customer.subscription.updated", subscription);
        return subscription;
    }

    /// <param name="invoiceNow">Otherwise what was used in this period is never invoiced.</param>
    public JsonObject Cancel(string id, bool invoiceNow)
    {
        var subscription = Open(id);
        if (invoiceNow) Invoice(subscription, "subscription_update", state.Now + 1);
        End(subscription);
        return subscription;
    }

    public void CancelAllOf(string customer)
    {
        foreach (var each in state.All("subscription").Where(each => each.Text("customer") == customer && each.Text("status") != "canceled")) End(each);
    }

    public void CancelAtPeriodEnd(JsonObject subscription, bool cancels)
    {
        subscription["cancel_at_period_end"] = cancels;
        subscription["cancel_at"] = cancels ? subscription.Data("items")[0].Number("current_period_end") : null;
        subscription["canceled_at"] = cancels ? state.Now : null;
    }

    /// <summary>Makes a card the one that is charged from now on.</summary>
    public void ChangeCard(JsonObject customer, StripeTestCard card)
    {
        var method = cards.Save(customer.Text("id"), card).Text("id");
        cards.MakeDefault(customer, method);
        events.Happened("customer.updated", customer);
        foreach (var each in state.All("subscription").Where(each => each.Text("customer") == customer.Text("id") && each.Text("status") != "canceled"))
        {
            each["default_payment_method"] = method;
            events.Happened("customer.subscription.updated", each);
        }
    }

    public void End(JsonObject subscription)
    {
        subscription["status"] = "canceled";
        subscription["canceled_at"] ??= state.Now;
        subscription["ended_at"] = state.Now;
        subscription["cancellation_details"] = new JsonObject { ["comment"] = null, ["feedback"] = null, ["feedback_option"] = null, ["reason"] = "cancellation_requested" };
        events.Happened("customer.subscription.deleted", subscription);
    }

    /// <summary>An invoice in the middle of a period, of what was used and not invoiced before. Never in the last day of one.</summary>
    public void PassThresholds(string customer)
    {
        foreach (var subscription in state.All("subscription").Where(each => each.Text("customer") == customer && each["billing_thresholds"] is not null && each.Text("status") is "active" or "past_due"))
        {
            var items = subscription.Data("items");
            if (items[0].Number("current_period_end") - state.Now <= ThresholdRestSeconds) continue;
            var unbilled = items.Select(each => invoices.Unbilled(customer, each, each.Number("current_period_start"), each.Number("current_period_end"), each.Decimal("_billed"))).ToArray();
            var cents = items.Zip(unbilled).Sum(each => StripeInvoices.Cents(each.Second * each.First.Object("price").Decimal("unit_amount_decimal")));
            if (cents < subscription.Object("billing_thresholds").Number("amount_gte")) continue;
            var start = items[0].Number("current_period_start");
            var invoice = invoices.Draft(customer, "subscription_threshold", start, state.Now, subscription, items.Zip(unbilled, (item, quantity) => StripeInvoices.Use(item, start, state.Now, quantity)));
            invoice["threshold_reason"] = new JsonObject { ["amount_gte"] = subscription.Object("billing_thresholds").Number("amount_gte"), ["item_reasons"] = new JsonArray() };
            foreach (var (item, quantity) in items.Zip(unbilled)) item["_billed"] = (item.Decimal("_billed") + quantity).Text();
            subscription["latest_invoice"] = invoice.Text("id");
            events.Happened("invoice.created", invoice);
        }
    }

    private JsonObject Open(string id) => state.Get("subscription", id) is var found && found.Text("status") != "canceled" ? found : throw StripeError.Missing("subscription", id);

    private void EndPeriod(JsonObject subscription)
    {
        var item = subscription.Data("items")[0];
        var end = item.Number("current_period_end");
        Invoice(subscription, "subscription_cycle", end);
        if (subscription.Flag("cancel_at_period_end"))
        {
            End(subscription);
            return;
        }

        foreach (var each in subscription.Data("items"))
        {
            each["current_period_start"] = end;
            each["current_period_end"] = StripePeriods.Next(each.Object("price").Object("recurring"), subscription.Number("billing_cycle_anchor"), end);
            each["_billed"] = "0";
        }

        events.Happened("customer.subscription.updated", subscription);
    }

    /// <summary>A draft of the period up to its end. An unpaid subscription's drafts stay drafts.</summary>
    private void Invoice(JsonObject subscription, string reason, long end)
    {
        var items = subscription.Data("items");
        var start = items[0].Number("current_period_start");
        var invoice = invoices.Draft(subscription.Text("customer"), reason, start, end, subscription, items.Select(each => StripeInvoices.Use(each, start, end, quantity: null)));
        if (subscription.Text("status") == "unpaid")
        {
            invoice["auto_advance"] = false;
            invoice["automatically_finalizes_at"] = null;
        }

        subscription["latest_invoice"] = invoice.Text("id");
        events.Happened("invoice.created", invoice);
    }

    /// <summary>An empty value, which Stripe.net sends for null, takes the threshold away.</summary>
    private static JsonObject? Thresholds(StripeFields fields)
    {
        if (fields.Text("billing_thresholds") is { Length: 0 }) return null;
        if (fields.Flag("billing_thresholds[reset_billing_cycle_anchor]")) throw StripeError.NotEmulated("thresholds that begin a new period", "billing_thresholds[reset_billing_cycle_anchor]");
        var amount = fields.RequiredNumber("billing_thresholds[amount_gte]");
        if (amount < 50) throw StripeError.Invalid("The threshold must be at least $0.50.", "billing_thresholds[amount_gte]");
        return new() { ["amount_gte"] = amount, ["reset_billing_cycle_anchor"] = false };
    }

    private JsonObject Item(JsonObject subscription, JsonObject price)
    {
        var item = state.New("subscription_item", "si");
        var recurring = price.Object("recurring");
        item["subscription"] = subscription.Text("id");
        item["price"] = price.Copy();
        item["plan"] = Plan(price, recurring);
        item["current_period_start"] = state.Now;
        item["current_period_end"] = StripePeriods.Next(recurring, subscription.Number("billing_cycle_anchor"), state.Now);
        item["_billed"] = "0";
        return item;
    }

    /// <summary>What prices were called before, with the same id.</summary>
    private JsonObject Plan(JsonObject price, JsonObject recurring)
    {
        var plan = state.New("plan", "plan");
        foreach (var name in (string[])["id", "created", "active", "currency", "product", "nickname", "metadata"]) plan[name] = price[name]?.DeepClone();
        foreach (var name in (string[])["interval", "interval_count", "meter", "usage_type"]) plan[name] = recurring[name]?.DeepClone();
        plan["amount"] = price["unit_amount"]?.DeepClone();
        plan["amount_decimal"] = price["unit_amount_decimal"]?.DeepClone();
        return plan;
    }
}
