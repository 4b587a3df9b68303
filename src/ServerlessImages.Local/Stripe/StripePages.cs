using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>The pages that customers see: Checkout, the portal, an invoice.</summary>
/// <param name="announce">Waits until what has just happened is announced: Stripe too announces a payment before it lets the payer go.</param>
internal sealed class StripePages(StripeState state, StripeCheckout checkout, StripeSubscriptions subscriptions, StripeInvoices invoices, StripeCollection collection, Func<Task> announce)
{
    public void Map(WebApplication application)
    {
        application.MapGet("/c/pay/{id}", (string id) => Page("checkout.session", id, session => StripePayPage.Html(session, problem: null)));
        application.MapPost("/c/pay/{id}", PayAsync);
        application.MapGet("/p/session/{id}", (string id) => Page("billing_portal.session", id, portal => Portal(portal, done: null)));
        application.MapPost("/p/session/{id}", ChangeAsync);
        application.MapGet("/i/{id}", (string id) => Page("invoice", id, invoice => StripeInvoicePage.Html(invoice, problem: null)));
        application.MapPost("/i/{id}", PayInvoiceAsync);
        application.MapGet("/i/{id}/pdf", (string id) => state.Do(() => state.Find("invoice", id) is { } invoice ? Results.Bytes(StripePdf.Of(invoice), "application/pdf") : Results.NotFound(), changes: false));
    }

    private async Task<IResult> PayAsync(string id, HttpRequest request)
    {
        var number = await FieldAsync(request, "card");
        var problem = Tried(() => checkout.Complete(id, StripeTestCard.Of(number)) ? null : "Your card was declined.");
        if (problem is not null) return Page("checkout.session", id, session => StripePayPage.Html(session, problem));
        await announce();
        return Results.Redirect(state.Do(() => state.Get("checkout.session", id).Text("success_url"), changes: false).Replace("{CHECKOUT_SESSION_ID}", id, StringComparison.Ordinal));
    }

    private async Task<IResult> PayInvoiceAsync(string id)
    {
        var problem = Tried(() =>
        {
            collection.Pay(id, new([]));
            return null;
        });
        await announce();
        return Page("invoice", id, invoice => StripeInvoicePage.Html(invoice, problem));
    }

    private async Task<IResult> ChangeAsync(string id, HttpRequest request)
    {
        var (act, card, subscription) = (await FieldAsync(request, "act"), await FieldAsync(request, "card"), await FieldAsync(request, "subscription"));
        var problem = Tried(() =>
        {
            if (act == "card") subscriptions.ChangeCard(state.Get("customer", state.Get("billing_portal.session", id).Text("customer")), StripeTestCard.Of(card));
            else subscriptions.Update(subscription, new([KeyValuePair.Create("cancel_at_period_end", act == "cancel" ? "true" : "false")]));
            return null;
        });
        await announce();
        return Page("billing_portal.session", id, portal => Portal(portal, problem ?? "Done."));
    }

    private string Portal(JsonObject portal, string? done)
    {
        var customer = state.Get("customer", portal.Text("customer"));
        invoices.RefreshDrafts();
        JsonObject[] own = [.. state.All("subscription").Where(each => each.Text("customer") == customer.Text("id") && each.Text("status") != "canceled")];
        var method = own.Select(each => each.Text("default_payment_method")).Append(customer.Object("invoice_settings").Text("default_payment_method")).FirstOrDefault(each => each.Length > 0);
        var card = method is null ? null : StripeCards.CardOf(state.Get("payment_method", method)).Last4;
        return StripePortalPage.Html(portal, customer, state.All("invoice").Where(each => each.Text("customer") == customer.Text("id")), own, card, done);
    }

    /// <returns>What a person is told of an error, or null.</returns>
    private string? Tried(Func<string?> act)
    {
        try
        {
            return state.Do(act);
        }
        catch (StripeError error)
        {
            return error.Body["error"]!["message"]!.GetValue<string>();
        }
    }

    private IResult Page(string type, string id, Func<JsonObject, string> html) =>
        state.Do(() => state.Find(type, id) is { } found ? Results.Content(html(found), "text/html; charset=utf-8") : Results.NotFound(), changes: false);

    private static async Task<string> FieldAsync(HttpRequest request, string name) => (await request.ReadFormAsync(request.HttpContext.RequestAborted))[name].ToString();
}
