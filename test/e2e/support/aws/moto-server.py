"""moto's server, with resource types that its CloudFormation lacks and the stacks refer to.

Run as `moto-server.py PORT`; listens on 127.0.0.1. Secrets and aliases are made, in moto's Secrets Manager and
Lambda. Alarms and HTTP APIs are names alone: what refers to them gets one, and nothing is made.
"""

import secrets
import string
import sys

from moto.awslambda.models import LambdaVersion, lambda_backends
from moto.core.common_models import CloudFormationModel
from moto.secretsmanager.models import secretsmanager_backends
from moto.server import main

# moto sorts its models by the second word of their module's name.
MODULE = "moto.extra"


class Extra:
    """A resource that is known by its physical id and its ARN."""

    def __init__(self, physical_id, arn):
        self.physical_id = physical_id
        self.arn = arn

    @property
    def physical_resource_id(self):
        return self.physical_id

    @staticmethod
    def cloudformation_name_type():
        return ""

    @classmethod
    def has_cfn_attr(cls, attr):
        return attr in ("Arn", "Id", "ApiId", "AliasArn")

    def get_cfn_attribute(self, attribute_name):
        return self.arn if attribute_name.endswith("Arn") else self.physical_id

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, *args, **kwargs):
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(cls, *args, **kwargs):
        return None


# A version of a function is made, but cannot be asked for its number.
LambdaVersion.get_cfn_attribute = lambda self, attribute_name: str(self.version)


class Secret(Extra, CloudFormationModel):
    __module__ = MODULE

    @staticmethod
    def cloudformation_type():
        return "AWS::SecretsManager::Secret"

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        generate = cloudformation_json["Properties"]["GenerateSecretString"]
        letters = string.ascii_letters + string.digits
        text = "".join(secrets.choice(letters) for _ in range(int(generate["PasswordLength"])))
        secret, _ = secretsmanager_backends[account_id][region_name]._add_secret(resource_name, secret_string=text)
        return cls(secret.arn, secret.arn)


class Alias(Extra, CloudFormationModel):
    __module__ = MODULE

    @staticmethod
    def cloudformation_type():
        return "AWS::Lambda::Alias"

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        properties = cloudformation_json["Properties"]
        alias = lambda_backends[account_id][region_name].create_alias(
            name=properties["Name"],
            function_name=properties["FunctionName"],
            function_version=str(properties["FunctionVersion"]),
            description="",
            routing_config=None,
        )
        return cls(alias.arn, alias.arn)


class HttpApi(Extra, CloudFormationModel):
    __module__ = MODULE

    @staticmethod
    def cloudformation_type():
        return "AWS::ApiGatewayV2::Api"

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        return cls("emulated", "emulated")


class Alarm(Extra, CloudFormationModel):
    __module__ = MODULE

    @staticmethod
    def cloudformation_type():
        return "AWS::CloudWatch::Alarm"

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        return cls(resource_name, f"arn:aws:cloudwatch:{region_name}:{account_id}:alarm:{resource_name}")


main(["-H", "127.0.0.1", "-p", sys.argv[1]])
