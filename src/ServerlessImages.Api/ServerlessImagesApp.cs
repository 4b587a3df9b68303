using ServerlessImages.Api.Abuse;
using ServerlessImages.Api.Balances;
using ServerlessImages.Api.Billing;
using ServerlessImages.Api.Books;
using ServerlessImages.Api.Desk;
using ServerlessImages.Api.Docs;
using ServerlessImages.Api.Events;
using ServerlessImages.Api.Functions;
using ServerlessImages.Api.Health;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Images;
using ServerlessImages.Api.Jobs;
using ServerlessImages.Api.Keys;
using ServerlessImages.Api.Limits;
using ServerlessImages.Api.OpenApi;
using ServerlessImages.Api.Operators;
using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Pages.Site;
using ServerlessImages.Api.Portal;
using ServerlessImages.Api.Receipts;
using ServerlessImages.Api.Setup;
using ServerlessImages.Api.Usage;
using ServerlessImages.Api.Webhooks;
using ServerlessImages.AzureOpenAI;
using ServerlessImages.Drawn;
using ServerlessImages.Fetch;
using ServerlessImages.OpenTelemetry;
using ServerlessImages.Storage;

namespace ServerlessImages.Api;

/// <summary>The whole app, in the order in which a request meets it. The same for Azure, for one machine and for tests: only settings differ.</summary>
public static class ServerlessImagesApp
{
    /// <param name="configure">Adds settings or replaces services, when all else is there but billing and telemetry, which ask the settings whether they are wanted.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddLogs();
        builder.AddHttp();
        builder.Services.AddCatalog();
        builder.Services.AddStorage();
        builder.Services.AddAzureOpenAI();
        builder.Services.AddFetch();
        builder.Services.AddDrawn();
        builder.Services.AddKeys();
        builder.Services.AddLedger();
        builder.Services.AddBooks();
        builder.Services.AddMeterEvents();
        builder.Services.AddImages();
        builder.Services.AddJobs();
        builder.Services.AddImageAnswers();
        builder.Services.AddReceipts();
        builder.Services.AddUsage();
        builder.Services.AddEvents();
        builder.Services.AddWebhooks();
        builder.Services.AddOperators();
        builder.Services.AddAbuse();
        builder.Services.AddApiDocument();
        builder.Services.AddDocs();
        builder.Services.AddPages();
        builder.Services.AddHealth();
        configure?.Invoke(builder);
        builder.AddPayments();
        builder.AddPortal();
        builder.AddFunctions();
        builder.AddTelemetry();

        var app = builder.Build();
        app.UseHttp();
        app.MapImages();
        app.MapModels();
        app.MapQuotes();
        app.MapRequests();
        app.MapJobs();
        app.MapReceipts();
        app.MapFiles();
        app.MapBalance();
        app.MapKeys();
        app.MapLimits();
        app.MapUsage();
        app.MapEvents();
        app.MapWebhooks();
        app.MapBooks();
        app.MapBilling();
        app.MapOperators();
        app.MapAbuse();
        app.MapPortal();
        app.MapDesk();
        app.MapDocs();
        app.MapPages();
        app.MapSite();
        app.MapHealth();
        app.MapApiDocument();
        return app;
    }
}
