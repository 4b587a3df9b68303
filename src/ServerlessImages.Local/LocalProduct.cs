using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using ServerlessImages.Api;
using ServerlessImages.Images;
using ServerlessImages.Local.AzureOpenAI;
using ServerlessImages.Local.Identity;
using ServerlessImages.Local.Stripe;

namespace ServerlessImages.Local;

/// <summary>The whole product in this process: storage, the emulators of Azure OpenAI and Stripe, and the API on top of them, with the demo account in it.</summary>
public sealed class LocalProduct : IAsyncDisposable
{
    /// <summary>What <c>docs/billing.md</c> tells an operator to ask Stripe for.</summary>
    internal static readonly string[] WebhookTypes =
    [
        "checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.expired", "checkout.session.async_payment_failed",
        "payment_intent.succeeded", "payment_intent.payment_failed",
        "charge.refunded", "refund.created", "refund.updated", "refund.failed",
        "charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated", "charge.dispute.closed",
        "customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted", "customer.subscription.paused", "customer.subscription.resumed",
        "invoice.created", "invoice.finalized", "invoice.finalization_failed", "invoice.paid", "invoice.payment_failed", "invoice.payment_action_required", "invoice.overdue", "invoice.marked_uncollectible", "invoice.voided",
        "customer.updated", "customer.deleted", "payment_method.detached",
    ];

    /// <summary>Ports that others may take before the API listens on them.</summary>
    private const int PortTriesMax = 5;

    private readonly List<IAsyncDisposable> parts = [];

    /// <summary>Once it has started.</summary>
    private WebApplication? api;

    private LocalProduct(LocalOptions options) => Options = options;

    public LocalOptions Options { get; }

    /// <summary>Where the API answers, without a path.</summary>
    public Uri BaseUrl { get; private set; } = null!;

    public AzureOpenAIEmulator Emulator { get; private set; } = null!;

    public StripeEmulator Stripe { get; private set; } = null!;

    /// <summary>Null where nobody can sign in.</summary>
    public IdentityEmulator? Identity { get; private set; }

    /// <summary>The API's own services, for what has no endpoint yet.</summary>
    public IServiceProvider Services { get; private set; } = null!;

    /// <summary>A key of the demo account.</summary>
    public string DemoKey { get; private set; } = "";

    /// <param name="progress">Told about what takes time.</param>
    public static async Task<LocalProduct> StartAsync(LocalOptions options, Action<string> progress, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await StartOnceAsync(options, progress, cancel);
            }
            catch (IOException failed) when (options.Port == 0 && failed.InnerException is AddressInUseException && tries < PortTriesMax)
            {
                // Any port would do, and somebody else took this one between the look and the start.
            }
        }
    }

    private static async Task<LocalProduct> StartOnceAsync(LocalOptions options, Action<string> progress, CancellationToken cancel)
    {
        var product = new LocalProduct(options);
        try
        {
            await product.StartPartsAsync(progress, cancel);
            return product;
        }
        catch
        {
            await product.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Requests that are still running end first: they stand on all the rest.
        if (api is not null) await api.StopAsync();

        // What was started last stands on what was started first.
        foreach (var part in parts.AsEnumerable().Reverse()) await part.DisposeAsync();
        parts.Clear();
    }

    private async Task StartPartsAsync(Action<string> progress, CancellationToken cancel)
    {
        var secrets = LocalSecrets.ReadOrMake(Options.Folder);
        var storage = await StartStorageAsync(progress, cancel);
        var models = Models();
        Emulator = Started(await AzureOpenAIEmulator.StartAsync(Options.Emulator(new AzureOpenAIEmulatorOptions { Deployments = models }), cancel));

        var port = Options.Port == 0 ? FreePort() : Options.Port;
        BaseUrl = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}"));
        var stripe = Options.Stripe(new StripeEmulatorOptions { WebhookUrl = new Uri(BaseUrl, "/stripe/events"), WebhookTypes = WebhookTypes, ThinWebhookUrl = new Uri(BaseUrl, "/stripe/thin-events"), StateFile = Path.Combine(Options.Folder, "stripe.jsonl") });
        Stripe = Started(await StripeEmulator.StartAsync(stripe, cancel));
        if (Options.Identity) Identity = Started(await IdentityEmulator.StartAsync(port: 0, [new Uri(BaseUrl, "/portal/sign-in/callback")], cancel));
        var machine = LocalSettings.Of(BaseUrl, Emulator.Endpoint, models.Keys, Stripe.Endpoint, stripe, secrets).Concat(storage).Concat(LocalSettings.Of(Identity));
        var app = Started(ServerlessImagesApp.Build([], builder => LocalSettings.Apply(builder, port, machine, Options)));
        Services = app.Services;
        await app.StartAsync(cancel);
        api = app;
        DemoKey = await DemoAccount.EnsureAsync(Services, secrets, Options.Folder, cancel);
    }

    private async Task<Dictionary<string, string?>> StartStorageAsync(Action<string> progress, CancellationToken cancel)
    {
        if (Options.Storage == LocalStorage.Embedded) return new() { ["Storage:Kind"] = "Embedded", ["Storage:Folder"] = Options.Folder };

        progress("Starting Azurite. The first time installs it with npm: 365 MB.");
        try
        {
            var azurite = Started(await Azurite.StartAsync(new() { InstallFolder = Path.Combine(Options.DataFolder, "azurite-package"), DataFolder = Options.Folder }, cancel));
            return new() { ["Storage:ConnectionString"] = azurite.ConnectionString, ["Storage:CreateMissing"] = "true" };
        }
        catch (InvalidOperationException problem)
        {
            throw new LocalStartException(problem.Message, problem);
        }
    }

    private T Started<T>(T part)
        where T : IAsyncDisposable
    {
        parts.Add(part);
        return part;
    }

    /// <summary>Each model on a deployment of its own name.</summary>
    private Dictionary<string, ModelSpec> Models()
    {
        var json = Options.Settings.GetValueOrDefault("Catalog:ModelsFile") is { } file ? File.ReadAllText(file) : ModelCatalog.ShippedJson;
        return ModelCatalog.Parse(json).Models.ToDictionary(model => model.Id, StringComparer.Ordinal);
    }

    /// <summary>The address is part of the API's settings, so the port has to be known before the API listens on it.</summary>
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
