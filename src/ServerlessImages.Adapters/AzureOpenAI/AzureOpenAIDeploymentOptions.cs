using System.ComponentModel.DataAnnotations;

namespace ServerlessImages.AzureOpenAI;

/// <summary>The address that a deployment is called at.</summary>
public enum AzureOpenAIRoute
{
    /// <summary><c>{endpoint}/openai/v1/images/…</c>, the deployment named in the body.</summary>
    V1,

    /// <summary><c>{endpoint}/openai/deployments/{name}/images/…</c>: API Management fronts usually keep this one.</summary>
    Deployment,
}

/// <summary>One deployment of an image model.</summary>
public sealed class AzureOpenAIDeploymentOptions
{
    /// <summary>The newest dated version that the image models need.</summary>
    public const string DatedApiVersion = "2025-04-01-preview";

    /// <summary>The operator's own name for it, in logs and in the ledger. Unique.</summary>
    [Required, RegularExpression("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    public string Name { get; init; } = "";

    /// <summary>The public id of the model that it serves, such as <c>gpt-image-2</c>.</summary>
    [Required]
    public string Model { get; init; } = "";

    /// <summary>The resource's address, without <c>/openai</c>; https, or http on a loopback address.</summary>
    [Required]
    public Uri? Endpoint { get; init; }

    /// <summary>The deployment's name in Azure.</summary>
    [Required]
    public string Deployment { get; init; } = "";

    /// <value>Default <see cref="AzureOpenAIRoute.V1"/>.</value>
    [EnumDataType(typeof(AzureOpenAIRoute))]
    public AzureOpenAIRoute Route { get; init; } = AzureOpenAIRoute.V1;

    /// <value>Default none on <see cref="AzureOpenAIRoute.V1"/>, <see cref="DatedApiVersion"/> on <see cref="AzureOpenAIRoute.Deployment"/>.</value>
    [RegularExpression("^[A-Za-z0-9.-]{1,32}$")]
    public string? ApiVersion { get; init; }

    /// <summary>The resource's key. Source: Key Vault. Null or empty means Microsoft Entra, which needs the role Cognitive Services OpenAI User.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The client id of a user-assigned identity; null or empty means <c>DefaultAzureCredential</c>. Only without <see cref="ApiKey"/>.</summary>
    public string? ManagedIdentityClientId { get; init; }

    /// <summary>The scope of the Entra token. Sovereign clouds have their own; some v1 endpoints want <c>https://ai.azure.com/.default</c>.</summary>
    /// <value>Default <c>https://cognitiveservices.azure.com/.default</c>.</value>
    [Required, RegularExpression("^https://.+")]
    public string Audience { get; init; } = "https://cognitiveservices.azure.com/.default";

    /// <summary>The quota of the deployment: how many calls it takes in any minute. Null means unknown: it is paced by what its answers tell, if they do.</summary>
    [Range(1, 1_000)]
    public int? RequestsPerMinute { get; init; }

    /// <summary>Of the deployments of a model, lower ones are taken as long as one of them is free; of equals, the one with the most room.</summary>
    /// <value>Default 0.</value>
    public int Priority { get; init; }

    /// <summary>The name or id of its subscription, for logs, traces and the operator. Quotas are pools of a subscription, a model and a SKU.</summary>
    [RegularExpression("^[A-Za-z0-9 ._-]{0,64}$")]
    public string Subscription { get; init; } = "";

    /// <summary>Where its resource is, such as <c>swedencentral</c>; for the same.</summary>
    [RegularExpression("^[A-Za-z0-9]{0,32}$")]
    public string Region { get; init; } = "";

    /// <summary>Such as <c>GlobalStandard</c> or <c>DataZoneStandard</c>; for the same.</summary>
    [RegularExpression("^[A-Za-z0-9]{0,32}$")]
    public string Sku { get; init; } = "";

    /// <summary>Whether it draws for accounts on probation, and for nobody else. A resource of its own is what makes it one.</summary>
    /// <value>Default false. A model without one draws for all on what it has.</value>
    public bool Quarantine { get; init; }

    /// <summary>Whether the keyed hash of account and end user goes upstream as <c>safety_identifier</c>.</summary>
    /// <value>Default true.</value>
    public bool SendSafetyIdentifier { get; init; } = true;
}
