using System.Globalization;
using ServerlessImages.Billing;
using ServerlessImages.Simulation.Scheduling;

namespace ServerlessImages.Simulation.TopUps;

/// <summary>
/// What Stripe is at heart: customers with a card, pages, payments, what went back of them, and an event for all that happens. It keeps the answer to an
/// idempotency key for a day, failures too; its lists are always true, its search follows with a lag.
/// </summary>
internal sealed class SimulatedStripe(TopUpsHistory history, SeededRandom random)
{
    private static readonly TimeSpan KeysKept = TimeSpan.FromHours(24);
    private static readonly TimeSpan SearchLag = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan PageOpenFor = TimeSpan.FromHours(24);

    private readonly Dictionary<string, (Func<object> Answer, TimeSpan At)> answers = [];
    private readonly List<SimulatedCustomer> customers = [];
    private readonly List<SimulatedPayment> payments = [];
    private readonly List<Checkout> pages = [];
    private readonly Dictionary<string, string> payers = [];
    private readonly List<PaymentReturn> returns = [];
    private readonly List<CollectorEvent> events = [];
    private int lastId;

    public IReadOnlyList<SimulatedPayment> Payments => payments;

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<PaymentReturn> Returns => returns;

    public SimulatedPayment? Find(string paymentId) => payments.Find(each => each.Now.Id == paymentId);

    /// <summary>Does what is asked under a key, or repeats the answer to it, as often as it is asked within a day.</summary>
    /// <param name="fails">Whether the answer is a failure, and if so whether what was asked is done all the same.</param>
    public T Once<T>(string key, Func<T> ask, StoredFailure fails)
        where T : notnull
    {
        if (!answers.TryGetValue(key, out var stored) || history.Scheduler.Elapsed - stored.At > KeysKept)
        {
            var done = fails == StoredFailure.WithoutDoing ? default : ask();
            stored = (fails == StoredFailure.No ? () => done! : () => throw new CollectorUnavailableException("simulated: 500"), history.Scheduler.Elapsed);
            answers[key] = stored;
        }

        return (T)stored.Answer();
    }

    public string CreateCustomer(string account)
    {
        if (customers.Exists(each => each.Account == account && !each.IsDeleted)) history.Verdict.Fail("an account is one customer", $"{account} became a second one.");
        customers.Add(new(NewId("cus"), account, history.Scheduler.Elapsed));
        return customers[^1].Id;
    }

    public string? SearchCustomer(string account) => customers.Find(each => each.Account == account && !each.IsDeleted && history.Scheduler.Elapsed - each.CreatedAt > SearchLag)?.Id;

    public bool HasCustomer(string id) => customers.Exists(each => each.Id == id && !each.IsDeleted);

    public void DeleteCustomerOf(string account)
    {
        if (customers.Find(each => each.Account == account && !each.IsDeleted) is not { } customer) return;
        history.Trace?.Add($"{customer.Id} of {account} is deleted");
        customer.IsDeleted = true;
    }

    public string? FindCard(string customer) => HasCustomer(customer) ? customers.Find(each => each.Id == customer)!.Cards.Select(card => card.ToString()).LastOrDefault() : null;

    public Checkout CreatePage(CheckoutOrder order)
    {
        pages.Add(new(NewId("cs"), order.AccountId, CheckoutStatus.Open, Payment.OfCents(order.Cents), null, history.Now + PageOpenFor, Payment: null));
        payers[pages[^1].Id] = order.CustomerId;
        return pages[^1];
    }

    /// <summary>As it is now.</summary>
    public Checkout? FindPage(string id) => pages.Find(each => each.Id == id) is { } page ? Shown(page) : null;

    public Checkout[] PagesSince(DateTimeOffset since) => [.. pages.Where(each => each.ExpiresAt - PageOpenFor >= since).Select(Shown)];

    /// <summary>Somebody pays there.</summary>
    public void Pay(string pageId, PurchasePlan purchase)
    {
        var customer = payers[pageId];
        var page = pages.FindIndex(each => each.Id == pageId);
        if (pages[page].Status != CheckoutStatus.Open || history.Now >= pages[page].ExpiresAt || !HasCustomer(customer)) return;

        var cents = purchase.Dollars * 100;
        var isSlow = purchase.Card == SimulatedCard.Slow;
        var payment = new Payment(NewId("pi"), !isSlow, pages[page].AccountId, customer, cents, purchase.IsOdd ? cents + 1 : cents, Payment.Usd);
        payments.Add(new(payment, pageId, Attempt: 0, history.Now) { Status = isSlow ? AutomaticPaymentStatus.Processing : AutomaticPaymentStatus.Succeeded });
        pages[page] = pages[page] with { Status = CheckoutStatus.Complete, Payment = payment };
        if (!isSlow) customers.Find(each => each.Id == customer)!.Cards.Add(purchase.Card);
        Announce("checkout.session.completed", CollectorEventKind.CheckoutPaid, pageId);
        if (isSlow) history.Network.In(random.UpTo(TimeSpan.FromDays(2)), () => End(payment.Id, random.Chance(0.7)));
        else Paid(payments[^1]);
    }

    public AutomaticPayment Charge(AutomaticCharge charge)
    {
        if (FindCard(charge.CustomerId) is null) return new(new("", IsPaid: false, charge.AccountId, charge.CustomerId, charge.Cents, 0, Payment.Usd), charge.Attempt, AutomaticPaymentStatus.Declined, AutomaticPayment.NoCard);

        history.Counts.AutomaticCharges++;
        var status = Enum.Parse<SimulatedCard>(charge.Card) == SimulatedCard.DeclinedWhenAway || random.Chance(0.1) ? AutomaticPaymentStatus.Declined : !history.IsAtRest && random.Chance(0.1) ? AutomaticPaymentStatus.Processing : AutomaticPaymentStatus.Succeeded;
        var made = new SimulatedPayment(new(NewId("pi"), status == AutomaticPaymentStatus.Succeeded, charge.AccountId, charge.CustomerId, charge.Cents, charge.Cents, Payment.Usd), PageId: null, charge.Attempt, history.Now) { Status = status };
        history.Invariants.CheckCharge(made);
        payments.Add(made);
        if (status == AutomaticPaymentStatus.Processing) history.Network.In(random.UpTo(TimeSpan.FromDays(1)), () => End(made.Now.Id, random.Chance(0.7)));
        else Announce(status == AutomaticPaymentStatus.Succeeded ? "payment_intent.succeeded" : "payment_intent.payment_failed", CollectorEventKind.PaymentEnded, made.Now.Id);
        if (status == AutomaticPaymentStatus.Succeeded) Paid(made);
        return made.ToAutomatic();
    }

    public AutomaticPayment? FindAutomatic(string customer, long attempt, DateTimeOffset since) =>
        payments.Find(each => each.PageId is null && each.Now.CustomerId == customer && each.Attempt == attempt && each.CreatedAt >= since)?.ToAutomatic();

    public AutomaticPayment? FindAutomatic(string paymentId) => Find(paymentId) is { PageId: null } found ? found.ToAutomatic() : null;

    public PaymentReturn[] ReturnsOf(string paymentId) => [.. returns.Where(each => each.PaymentId == paymentId)];

    public CollectorEvent[] EventsSince(DateTimeOffset since) => [.. events.Where(each => each.Created >= since)];

    private void End(string paymentId, bool succeeds)
    {
        var payment = Find(paymentId)!;
        payment.Status = succeeds ? AutomaticPaymentStatus.Succeeded : AutomaticPaymentStatus.Declined;
        payment.Now = payment.Now with { IsPaid = succeeds };
        if (payment.PageId is null) Announce(succeeds ? "payment_intent.succeeded" : "payment_intent.payment_failed", CollectorEventKind.PaymentEnded, paymentId);
        else if (succeeds) Announce("checkout.session.async_payment_succeeded", CollectorEventKind.CheckoutPaid, payment.PageId);
        if (succeeds) Paid(payment);
    }

    /// <summary>The operator may pay it back, in parts too, and its bank may take it back.</summary>
    private void Paid(SimulatedPayment payment)
    {
        history.Counts.Payments++;
        if (history.IsAtRest || !random.Chance(history.Plan.Stripe.Returned)) return;
        if (random.Chance(0.3))
        {
            history.Network.In(random.UpTo(TimeSpan.FromDays(2)), () => Return(payment, ReturnKind.Dispute, payment.Now.Cents));
            return;
        }

        var parts = random.Between(1, 2);
        for (var part = 0; part < parts; part++) history.Network.In(random.UpTo(TimeSpan.FromDays(1)), () => Return(payment, ReturnKind.Refund, payment.Now.AskedCents / parts));
    }

    private void Return(SimulatedPayment payment, ReturnKind kind, long cents)
    {
        history.Counts.Returns++;
        var made = new PaymentReturn(NewId(kind == ReturnKind.Refund ? "re" : "du"), kind, payment.Now.Id, payment.Now.AccountId, Payment.OfCents(cents), Failed: false);
        returns.Add(made);
        Announce(kind == ReturnKind.Refund ? "refund.created" : "charge.dispute.created", CollectorEventKind.PaymentReturned, payment.Now.Id);
        if (kind == ReturnKind.Refund) Announce("charge.refunded", CollectorEventKind.PaymentReturned, payment.Now.Id);
        if (random.Chance(0.4)) history.Network.In(random.Chance(0.5) ? random.UpTo(TimeSpan.FromSeconds(5)) : random.UpTo(TimeSpan.FromDays(1)), () => Fail(made));
        else if (kind == ReturnKind.Dispute) history.Network.In(random.UpTo(TimeSpan.FromDays(1)), () => Announce("charge.dispute.closed", CollectorEventKind.PaymentReturned, payment.Now.Id));
    }

    private void Fail(PaymentReturn made)
    {
        returns[returns.FindIndex(each => each.Id == made.Id)] = made with { Failed = true };
        Announce(made.Kind == ReturnKind.Refund ? "refund.failed" : "charge.dispute.closed", CollectorEventKind.PaymentReturned, made.PaymentId);
    }

    private void Announce(string type, CollectorEventKind kind, string objectId)
    {
        var happened = new CollectorEvent(NewId("evt"), type, kind, objectId, history.Now, "");
        events.Add(happened);
        history.Trace?.Add($"{happened.Id}: {type} of {objectId}");
        history.Announce(happened);
    }

    private Checkout Shown(Checkout page)
    {
        if (page.Payment is { } payment) return page with { Payment = Find(payment.Id)!.Now };
        return page.Status == CheckoutStatus.Open && history.Now >= page.ExpiresAt ? page with { Status = CheckoutStatus.Expired } : page;
    }

    private string NewId(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}_{++lastId}");

    private sealed record SimulatedCustomer(string Id, string Account, TimeSpan CreatedAt)
    {
        public List<SimulatedCard> Cards { get; } = [];

        public bool IsDeleted { get; set; }
    }
}

/// <param name="PageId">Null for an automatic one.</param>
/// <param name="Attempt">Of an automatic one.</param>
/// <param name="CreatedAt">By Stripe's clock, which is right.</param>
internal sealed record SimulatedPayment(Payment Made, string? PageId, long Attempt, DateTimeOffset CreatedAt)
{
    public Payment Now { get; set; } = Made;

    public AutomaticPaymentStatus Status { get; set; }

    public bool IsOdd => Now.Cents != Now.AskedCents;

    public AutomaticPayment ToAutomatic() => new(Now, Attempt, Status, Status == AutomaticPaymentStatus.Declined ? "generic_decline" : "");
}

internal enum StoredFailure
{
    No,
    AfterDoing,
    WithoutDoing,
}
