using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ServerlessImages.Abuse;
using ServerlessImages.Accounts;
using ServerlessImages.Local.Stripe;

namespace ServerlessImages.EndToEnd;

/// <summary>What an operator would set: the same for every instance.</summary>
internal static class ApiSettings
{
    public const string Model = "gpt-image-2";

    /// <summary>A plan whose limits are not what is tested.</summary>
    public const string Plan = "wide";

    /// <summary>The shortest that the settings allow: 10 s of drawing, and the margin that the ledger's own patience needs.</summary>
    public static TimeSpan HoldLifetime { get; } = TimeSpan.FromSeconds(80);

    public static Dictionary<string, string?> Of(string folder, string storage, Uri azureOpenAI) => new()
    {
        ["PublicUrl"] = "http://images.example",
        ["Keys:Peppers:1"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
        ["Receipts:SigningKeys:1"] = SigningKey(),
        ["Catalog:PlansFile"] = PlansFile(folder),
        ["Catalog:LadderFile"] = LadderFile(folder),
        ["Storage:ConnectionString"] = storage,
        ["Storage:CreateMissing"] = "true",
        ["AzureOpenAI:Deployments:0:Name"] = "emulated",
        ["AzureOpenAI:Deployments:0:Model"] = Model,
        ["AzureOpenAI:Deployments:0:Deployment"] = Model,
        ["AzureOpenAI:Deployments:0:Endpoint"] = azureOpenAI.AbsoluteUri,
        ["AzureOpenAI:Deployments:0:ApiKey"] = "emulator",
        ["Pool:ClosedMax"] = "00:00:01",
        ["Generation:Deadline"] = "00:00:10",
        ["Generation:HoldMargin"] = "00:01:10",
        ["Generation:RepeatWait"] = "00:00:01",
        ["Generation:AdoptAfter"] = "00:00:00.1",
        ["Webhooks:AllowPrivateNetworks"] = "true",
        ["Logging:LogLevel:Default"] = "Error",
    };

    /// <summary>The same where money is collected.</summary>
    public static Dictionary<string, string?> With(this Dictionary<string, string?> settings, StripeEmulatorOptions stripe, Uri endpoint)
    {
        settings["Stripe:ApiKey"] = stripe.ApiKey;
        settings["Stripe:WebhookSecrets:0"] = stripe.WebhookSecret;
        settings["Stripe:ApiBase"] = endpoint.AbsoluteUri;
        return settings;
    }

    /// <summary>The same on several resources, each with a deployment, where requests wait for no longer than a test can.</summary>
    public static Dictionary<string, string?> On(this Dictionary<string, string?> settings, IEnumerable<Uri> resources)
    {
        foreach (var (index, resource) in resources.Index())
        {
            var deployment = string.Create(CultureInfo.InvariantCulture, $"AzureOpenAI:Deployments:{index}:");
            settings[deployment + "Name"] = resource.Segments[^1].Trim('/');
            settings[deployment + "Model"] = Model;
            settings[deployment + "Deployment"] = Model;
            settings[deployment + "Endpoint"] = resource.AbsoluteUri;
            settings[deployment + "ApiKey"] = "emulator";
        }

        settings["Pool:WaitMax"] = "00:00:02";
        return settings;
    }

    private static string SigningKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }

    /// <summary>Accounts that are not what is tested either: so patient is the ladder with the plan.</summary>
    private static string LadderFile(string folder)
    {
        var ladder = JsonNode.Parse(Ladder.ShippedJson, documentOptions: new() { CommentHandling = System.Text.Json.JsonCommentHandling.Skip })!;
        ladder["plan_factors"]![Plan] = 100;
        var file = Path.Combine(folder, "ladder.json");
        File.WriteAllText(file, ladder.ToJsonString());
        return file;
    }

    private static string PlansFile(string folder)
    {
        var plans = JsonNode.Parse(PlanCatalog.ShippedJson)!;
        plans["plans"]!.AsArray().Add(JsonNode.Parse($$"""
            { "name": "{{Plan}}", "markup_basis_points": 2500, "requests_per_minute": 60000, "burst": 10000, "open_requests_max": 10000, "queue_weight": 1 }
            """));
        var file = Path.Combine(folder, "plans.json");
        File.WriteAllText(file, plans.ToJsonString());
        return file;
    }
}
